# An import ID that is not JSON.
import {
  to = vsphere_tag.t
  id = "one"
}
resource "vsphere_tag" "t" {
  name        = "one"
  category_id = "urn:vmomi:InventoryServiceCategory:00000000-0000-4000-8000-000000000000:GLOBAL"
}
