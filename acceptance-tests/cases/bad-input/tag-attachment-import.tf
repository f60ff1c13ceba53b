# An import id without its type
import {
  to = vsphere_tag_attachment.a
  id = "production:group-2"
}

resource "vsphere_tag_attachment" "a" {
  tag_id    = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
  object_id = "group-2"
}
