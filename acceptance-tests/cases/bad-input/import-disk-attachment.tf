# An import id that names nothing.
import {
  to = vsphere_virtual_disk_attachment.x
  id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}:scsi:0:9"
}
resource "vsphere_virtual_disk_attachment" "x" {
  virtual_machine_id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  path               = "[LocalDS_0] missing.vmdk"
}
