# command: validate
resource "vsphere_virtual_disk_image" "url" {
  datastore = "LocalDS_0"
  vmdk_path = "d.vmdk"
  source    = "ftp://user:hunter2@example.com/a.qcow2"
  checksum  = "sha256:1234"
}
resource "vsphere_virtual_disk_image" "path" {
  datastore = "LocalDS_0"
  vmdk_path = "d.img"
  source    = ""
  format    = "vhdx"
}
