resource "vsphere_resource_pool" "p" {
  name                    = "group"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  cpu_limit               = 2000
}
resource "vsphere_resource_pool" "inside" {
  name                    = "inside"
  parent_resource_pool_id = vsphere_resource_pool.p.id
}
