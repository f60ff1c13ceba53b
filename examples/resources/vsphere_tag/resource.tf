resource "vsphere_tag_category" "team" {
  name             = "team"
  description      = "The team that owns the object"
  cardinality      = "SINGLE"
  associable_types = ["Folder", "VirtualMachine"]
}

resource "vsphere_tag" "team" {
  for_each = {
    web  = "Shop and checkout"
    data = "Warehouse and reports"
  }

  name        = each.key
  description = each.value
  category_id = vsphere_tag_category.team.id
}
