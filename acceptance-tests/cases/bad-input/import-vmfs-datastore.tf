# A datastore of another type.
import {
  to = vsphere_vmfs_datastore.d
  id = "/DC0/datastore/LocalDS_0:{{moid /DC0/host/DC0_H0/DC0_H0}}"
}
resource "vsphere_vmfs_datastore" "d" {
  name           = "LocalDS_0"
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  disks          = ["naa.600508b1001c00000000000000000001"]
}
