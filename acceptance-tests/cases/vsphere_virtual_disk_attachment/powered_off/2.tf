resource "vsphere_virtual_disk" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d.vmdk"
  size       = 1
  type       = "thin"
}
