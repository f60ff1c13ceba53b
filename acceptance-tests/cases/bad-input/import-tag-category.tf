# An import id that names nothing.
import {
  to = vsphere_tag_category.x
  id = "gone"
}
resource "vsphere_tag_category" "x" {
  name             = "gone"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
