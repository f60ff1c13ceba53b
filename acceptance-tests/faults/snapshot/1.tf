resource "vsphere_virtual_machine_snapshot" "s" {
  virtual_machine_uuid = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  snapshot_name        = "before"
  description          = "before the upgrade"
  memory               = false
  quiesce              = false
}
