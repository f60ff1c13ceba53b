# file: acceptance-tests/cases/vsphere_virtual_disk_image/formats/files/small.qcow2
# command: apply
# setup: datastore.upload -ds LocalDS_0 acceptance-tests/reference/hello.txt d.vmdk
resource "vsphere_virtual_disk_image" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d.vmdk"
  source     = "small.qcow2"
}
