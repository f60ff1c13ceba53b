# The id of a tag where that of a category belongs
resource "vsphere_tag" "t" {
  name        = "production"
  category_id = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
}
