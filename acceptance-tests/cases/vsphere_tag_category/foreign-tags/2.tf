resource "vsphere_tag_category" "stays" {
  name             = "stays"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
