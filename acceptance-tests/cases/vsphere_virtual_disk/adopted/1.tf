import {
  to = vsphere_virtual_disk.d
  id = "/DC0/[LocalDS_0] old.vmdk"
}
resource "vsphere_virtual_disk" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "old.vmdk"
  size       = 3
  type       = "lazy"
}
