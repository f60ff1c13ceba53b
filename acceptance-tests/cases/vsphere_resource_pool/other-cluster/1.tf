resource "vsphere_resource_pool" "p" {
  name                    = "k8s"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}
