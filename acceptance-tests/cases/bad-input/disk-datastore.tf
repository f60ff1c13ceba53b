# There is no such datastore.
# command: apply
resource "vsphere_virtual_disk" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS0"
  vmdk_path  = "data.vmdk"
  size       = 1
}
