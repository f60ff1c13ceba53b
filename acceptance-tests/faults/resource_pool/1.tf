resource "vsphere_resource_pool" "p" {
  name                    = "team"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  cpu_limit               = 1000
}
resource "vsphere_resource_pool" "inside" {
  name                    = "inside"
  parent_resource_pool_id = vsphere_resource_pool.p.id
}
