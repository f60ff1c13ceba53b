resource "vsphere_resource_pool" "a" {
  name                    = "a"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}
resource "vsphere_resource_pool" "b" {
  name                    = "b"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}
resource "vsphere_resource_pool" "p" {
  name                    = "web"
  parent_resource_pool_id = vsphere_resource_pool.b.id
  cpu_share_level         = "low"
}
