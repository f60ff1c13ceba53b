# No host.
import {
  to = vsphere_vmfs_datastore.d
  id = "datastore-12"
}
resource "vsphere_vmfs_datastore" "d" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  disks          = ["naa.600508b1001c00000000000000000001"]
}
