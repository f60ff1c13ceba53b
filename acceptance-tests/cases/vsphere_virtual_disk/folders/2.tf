resource "vsphere_virtual_disk" "d" {
  datastore          = "/DC0/datastore/LocalDS_0"
  vmdk_path          = "team/a/data.vmdk"
  size               = 1
  create_directories = true
}
