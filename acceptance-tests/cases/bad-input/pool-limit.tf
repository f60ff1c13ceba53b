# Neither a limit nor none.
resource "vsphere_resource_pool" "p" {
  name                     = "p"
  parent_resource_pool_id  = "{{moid /DC0/host/DC0_C0/Resources}}"
  cpu_limit                = -2
  scale_descendants_shares = "yes"
}
