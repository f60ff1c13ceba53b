# Types as people call them
resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "SINGLE"
  associable_types = ["virtualmachine", "Folders", "Folder"]
}
