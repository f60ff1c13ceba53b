# A cardinality that there is not.
resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "FEW"
  associable_types = ["Folder"]
}
