# A type by its name in the user interface.
# command: validate
resource "vsphere_virtual_disk" "d" {
  datastore = "LocalDS_0"
  vmdk_path = "disks/data.vmdk"
  size      = 1
  type      = "thick"
}
