# file: acceptance-tests/cases/vsphere_virtual_disk_image/formats/files/small.qcow2
# command: apply
resource "vsphere_virtual_disk_image" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d.vmdk"
  source     = "small.qcow2"
  checksum   = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
}
