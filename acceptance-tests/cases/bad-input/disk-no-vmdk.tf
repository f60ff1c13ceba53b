# The name of a folder.
# command: validate
resource "vsphere_virtual_disk" "d" {
  datastore = "LocalDS_0"
  vmdk_path = "disks/data"
  size      = 1
}
