# An import id that names nothing.
import {
  to = vsphere_tag.x
  id = "{\"category_name\": \"gone\", \"tag_name\": \"gone\"}"
}
resource "vsphere_tag" "x" {
  name        = "gone"
  category_id = "urn:vmomi:InventoryServiceCategory:00000000-0000-0000-0000-000000000000:GLOBAL"
}
