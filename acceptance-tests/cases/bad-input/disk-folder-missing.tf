# The folder is not there.
# command: apply
resource "vsphere_virtual_disk" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "disks/data.vmdk"
  size       = 1
}
