resource "vsphere_vapp_container" "v" {
  name                    = "shop"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}

resource "vsphere_vapp_container" "inner" {
  name                    = "undeclared"
  parent_resource_pool_id = vsphere_vapp_container.v.id
}
