resource "vsphere_resource_pool" "p" {
  name                    = "switched"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  memory_limit            = 100
  custom_attributes = {
    "101" = "ann"
    "102" = "web"
  }
}
