resource "vsphere_tag_category" "c" {
  name             = "bench"
  description      = "of the bench"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder", "VirtualMachine"]
}
