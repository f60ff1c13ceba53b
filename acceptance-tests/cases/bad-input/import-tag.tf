# An import id that names nothing.
import {
  to = vsphere_tag.x
  id = "{\"category_name\": \"missing\", \"tag_name\": \"missing\"}"
}
resource "vsphere_tag" "x" {
  name        = "missing"
  category_id = "urn:vmomi:InventoryServiceCategory:00000000-0000-0000-0000-000000000000:GLOBAL"
}
