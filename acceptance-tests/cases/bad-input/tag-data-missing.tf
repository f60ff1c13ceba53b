# A tag that is not there
data "vsphere_tag" "t" {
  id = "urn:vmomi:InventoryServiceTag:00000000-0000-0000-0000-000000000000:GLOBAL"
}
