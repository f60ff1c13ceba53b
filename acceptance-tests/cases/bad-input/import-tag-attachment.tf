# An import id that names nothing.
import {
  to = vsphere_tag_attachment.x
  id = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL:Folder:group-d1"
}
resource "vsphere_tag_attachment" "x" {
  tag_id    = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
  object_id = "group-d1"
}
