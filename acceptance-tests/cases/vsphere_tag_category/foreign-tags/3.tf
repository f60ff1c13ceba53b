resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
  force_destroy    = true
}
resource "vsphere_tag_category" "stays" {
  name             = "stays"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
