# A name of blanks
resource "vsphere_tag_category" "c" {
  name             = "  "
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
