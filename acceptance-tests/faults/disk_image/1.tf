resource "vsphere_virtual_disk_image" "d" {
  datacenter         = "DC0"
  datastore          = "LocalDS_0"
  vmdk_path          = "images/small.vmdk"
  source             = "{{root}}/acceptance-tests/cases/vsphere_virtual_disk_image/formats/files/small.qcow2"
  create_directories = true
}
