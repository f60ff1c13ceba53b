# A category that is not there
resource "vsphere_tag" "t" {
  name        = "production"
  category_id = "urn:vmomi:InventoryServiceCategory:00000000-0000-0000-0000-000000000000:GLOBAL"
}
