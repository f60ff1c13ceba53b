data "vsphere_content_library" "images" {
  name = "images"
}

data "vsphere_content_library_items" "iso" {
  library_id = data.vsphere_content_library.images.id
  type       = "iso"
  name_regex = "^tools"
}

# Values for `datastore_id` and `path` of a `cdrom` block of a virtual machine.
output "cdrom" {
  value = [for i in data.vsphere_content_library_items.iso.items : { datastore_id = i.datastore_id, path = i.path }]
}
