# An import id that names nothing.
import {
  to = vsphere_virtual_machine_snapshot.x
  id = "snapshot-4711"
}
resource "vsphere_virtual_machine_snapshot" "x" {
  virtual_machine_uuid = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  snapshot_name        = "missing"
  description          = ""
  memory               = false
  quiesce              = false
}
