# A cardinality in small letters
resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "single"
  associable_types = ["Folder"]
}
