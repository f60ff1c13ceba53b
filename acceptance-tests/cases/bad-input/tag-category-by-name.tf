# The name of a category where its id belongs
resource "vsphere_tag" "t" {
  name        = "production"
  category_id = "environment"
}
