# An import id that names nothing.
import {
  to = vsphere_tag_category.x
  id = "missing"
}
resource "vsphere_tag_category" "x" {
  name             = "missing"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
