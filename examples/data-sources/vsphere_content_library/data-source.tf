data "vsphere_content_library" "images" {
  name = "images"
}
