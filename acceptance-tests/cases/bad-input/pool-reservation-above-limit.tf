# More is kept than may be used.
resource "vsphere_resource_pool" "p" {
  name                    = "p"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  memory_reservation      = 2048
  memory_limit            = 1024
}
