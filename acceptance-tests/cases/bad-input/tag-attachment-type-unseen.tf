# An id that does not show its type
resource "vsphere_tag_attachment" "a" {
  tag_id    = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
  object_id = "5033e8bd-0c12-4f1e-9a37-1c9d0a2b7c11"
}
