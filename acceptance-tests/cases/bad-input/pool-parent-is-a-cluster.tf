# The cluster instead of its pool.
resource "vsphere_resource_pool" "p" {
  name                    = "p"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0}}"
}
