# The level that needs a number, without one.
resource "vsphere_resource_pool" "p" {
  name                    = "p"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  memory_share_level      = "custom"
}
