data "vsphere_content_library" "images" {
  name = "images"
}

data "vsphere_virtual_machine" "web" {
  name = "web-1"
}

# From a virtual machine. With `file_url`, an item is made of a file: "images/ubuntu-24.04.ova" for a package, or
# "https://releases.example.com/tools.iso" with `type = "iso"` for an image.
resource "vsphere_content_library_item" "web" {
  name        = "web"
  description = "The web server before its first start"
  library_id  = data.vsphere_content_library.images.id
  source_uuid = data.vsphere_virtual_machine.web.id
}
