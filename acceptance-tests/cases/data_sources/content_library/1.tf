data "vsphere_content_library" "l" {
  name = "images"
}
data "vsphere_content_library_item" "i" {
  name       = "tools"
  library_id = data.vsphere_content_library.l.id
  type       = "iso"
}
output "library" {
  value = data.vsphere_content_library.l.id
}
output "item" {
  value = data.vsphere_content_library_item.i.id
}
