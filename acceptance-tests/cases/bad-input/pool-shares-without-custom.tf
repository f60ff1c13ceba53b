# A number of shares that the level contradicts.
# only warns
resource "vsphere_resource_pool" "p" {
  name                    = "p"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  cpu_share_level         = "high"
  cpu_shares              = 100
}
