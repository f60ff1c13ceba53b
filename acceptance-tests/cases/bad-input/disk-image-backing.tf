# file: acceptance-tests/cases/vsphere_virtual_disk_image/formats/files/backing.qcow2
resource "vsphere_virtual_disk_image" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d.vmdk"
  source     = "backing.qcow2"
}
