# A file of that name is there.
# command: apply
resource "vsphere_virtual_disk" "a" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "data.vmdk"
  size       = 1
}
resource "vsphere_virtual_disk" "d" {
  datacenter = "DC0"
  datastore  = vsphere_virtual_disk.a.datastore
  vmdk_path  = "data.vmdk"
  size       = 1
  depends_on = [vsphere_virtual_disk.a]
}
