# setup: library.create -ds LocalDS_0 images
# setup: library.import -n tools -t iso images acceptance-tests/cases/vsphere_virtual_machine/cdrom/files/a.iso
data "vsphere_content_library" "l" {
  name = "images"
}
data "vsphere_content_library_item" "i" {
  name       = "tool"
  library_id = data.vsphere_content_library.l.id
  type       = "iso"
}
