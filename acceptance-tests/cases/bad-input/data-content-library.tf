# setup: library.create -ds LocalDS_0 images
data "vsphere_content_library" "l" {
  name = "image"
}
