# The path names the datastore too.
# command: validate
resource "vsphere_virtual_disk" "d" {
  datastore = "LocalDS_0"
  vmdk_path = "[LocalDS_0] disks/data.vmdk"
  size      = 1
}
