# The name of a category where its id belongs.
# command: apply
resource "vsphere_tag" "t" {
  name        = "one"
  category_id = "bench"
}
