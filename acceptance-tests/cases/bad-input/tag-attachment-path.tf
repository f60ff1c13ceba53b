# An inventory path where an id belongs
resource "vsphere_tag_attachment" "a" {
  tag_id    = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
  object_id = "/DC0/vm"
}
