# A file and a virtual machine, and the name of a library
resource "vsphere_content_library_item" "both" {
  name        = "both"
  library_id  = "images"
  file_url    = "a.iso"
  source_uuid = "vm-1"
}
