# A type that does not exist
resource "vsphere_tag_attachment" "a" {
  object_type = "Folders"
  tag_id      = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
  object_id   = "group-2"
}
