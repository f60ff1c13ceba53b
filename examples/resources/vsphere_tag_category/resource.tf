# A virtual machine or folder belongs to at most one team.
resource "vsphere_tag_category" "team" {
  name             = "team"
  description      = "The team that owns the object"
  cardinality      = "SINGLE"
  associable_types = ["Folder", "VirtualMachine"]
}
