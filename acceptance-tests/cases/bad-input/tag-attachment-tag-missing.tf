# A tag that is not there
resource "vsphere_tag_attachment" "a" {
  tag_id    = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
  object_id = "group-2"
}
