resource "vsphere_vapp_container" "v" {
  name                    = "shop"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}
