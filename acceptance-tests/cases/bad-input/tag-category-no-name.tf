# No name.
resource "vsphere_tag_category" "c" {
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
