resource "vsphere_content_library" "l" {
  name            = "images"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
resource "vsphere_content_library_item" "iso" {
  name        = "small-iso"
  library_id  = vsphere_content_library.l.id
  description = "An image"
  type        = "iso"
  file_url    = "files/small.iso"
}
resource "vsphere_content_library_item" "ovf" {
  name       = "small-ovf"
  library_id = vsphere_content_library.l.id
  file_url   = "files/small.ovf"
}
resource "vsphere_content_library_item" "ova" {
  name       = "small-ova"
  library_id = vsphere_content_library.l.id
  type       = "ovf"
  file_url   = "files/small.ova"
}
data "vsphere_content_library_items" "all" {
  library_id = vsphere_content_library.l.id
  depends_on = [vsphere_content_library_item.iso, vsphere_content_library_item.ovf, vsphere_content_library_item.ova]
}
data "vsphere_content_library_items" "iso" {
  library_id = vsphere_content_library.l.id
  type       = "iso"
  name_regex = "^small"
  depends_on = [vsphere_content_library_item.iso]
}
output "names" {
  value = join(",", [for i in data.vsphere_content_library_items.all.items : i.name])
}
output "path" {
  value = one(data.vsphere_content_library_items.iso.items).path
}
output "datastore" {
  value = one(data.vsphere_content_library_items.iso.items).datastore_id
}
