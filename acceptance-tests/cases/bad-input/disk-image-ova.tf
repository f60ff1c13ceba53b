# file: acceptance-tests/cases/vsphere_virtual_machine/ova_local/files/small.ova
resource "vsphere_virtual_disk_image" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d.vmdk"
  source     = "small.ova"
}
