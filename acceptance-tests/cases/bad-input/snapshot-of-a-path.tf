# A path where an id belongs.
# command: validate
# only warns
resource "vsphere_virtual_machine_snapshot" "s" {
  virtual_machine_uuid = "/DC0/vm/DC0_C0_RP0_VM0"
  snapshot_name        = "base"
  description          = ""
  memory               = false
  quiesce              = false
}
