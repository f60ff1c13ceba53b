# No virtual machine has this UUID.
# command: apply
resource "vsphere_virtual_machine_snapshot" "s" {
  virtual_machine_uuid = "42000000-0000-4000-8000-000000000000"
  snapshot_name        = "base"
  description          = ""
  memory               = false
  quiesce              = false
}
