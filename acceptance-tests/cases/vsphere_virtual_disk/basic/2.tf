resource "vsphere_virtual_disk" "thin" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "thin.vmdk"
  size       = 3
  type       = "thin"
}
resource "vsphere_virtual_disk" "thick" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "thick.vmdk"
  size       = 2
  type       = "eagerZeroedThick"
}
