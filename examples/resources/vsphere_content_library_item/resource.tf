data "vsphere_content_library" "images" {
  name = "images"
}

data "vsphere_virtual_machine" "web" {
  name = "web-1"
}

# An OVF template that is created from a virtual machine. To create an item from a file, set `file_url` instead, such as
# "images/ubuntu-24.04.ova" for an OVF package, or "https://releases.example.com/tools.iso" with `type = "iso"` for an
# ISO image.
resource "vsphere_content_library_item" "web" {
  name        = "web"
  description = "The web server before its first start"
  library_id  = data.vsphere_content_library.images.id
  source_uuid = data.vsphere_virtual_machine.web.id
}
