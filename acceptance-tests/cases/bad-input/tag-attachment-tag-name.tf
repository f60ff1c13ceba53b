# The name of a tag where its id belongs
resource "vsphere_tag_attachment" "a" {
  tag_id    = "production"
  object_id = "group-2"
}
