# A category that is not there
import {
  to = vsphere_tag_category.c
  id = "urn:vmomi:InventoryServiceCategory:00000000-0000-0000-0000-000000000000:GLOBAL"
}

resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
