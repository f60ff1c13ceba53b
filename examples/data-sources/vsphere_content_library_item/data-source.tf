data "vsphere_content_library" "images" {
  name = "images"
}

data "vsphere_content_library_item" "tools" {
  name       = "tools"
  library_id = data.vsphere_content_library.images.id
  type       = "iso"
}
