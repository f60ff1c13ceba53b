resource "vsphere_tag_category" "c" {
  name             = "stage"
  cardinality      = "SINGLE"
  associable_types = ["VirtualApp"]
}

resource "vsphere_tag" "t" {
  name        = "test"
  category_id = vsphere_tag_category.c.id
}

resource "vsphere_custom_attribute" "owner" {
  name = "owner"
}

resource "vsphere_vapp_container" "a" {
  name                    = "shop-2"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  cpu_share_level         = "custom"
  cpu_shares              = 4000
  cpu_reservation         = 100
  cpu_expandable          = false
  memory_share_level      = "high"
  memory_limit            = 512
  tags                    = [vsphere_tag.t.id]
  custom_attributes       = { (vsphere_custom_attribute.owner.id) = "team-a" }
}

resource "vsphere_vapp_container" "inner" {
  name                    = "database"
  parent_resource_pool_id = vsphere_vapp_container.a.id
}
