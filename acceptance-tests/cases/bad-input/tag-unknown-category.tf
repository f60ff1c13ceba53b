# A category that there is not.
# command: apply
resource "vsphere_tag" "t" {
  name        = "one"
  category_id = "urn:vmomi:InventoryServiceCategory:00000000-0000-4000-8000-000000000000:GLOBAL"
}
