# Types as people call them
# only warns
resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "SINGLE"
  associable_types = ["virtualmachine", "Folders", "Folder"]
}
