resource "vsphere_folder" "other" {
  path = "other"
  type = "datacenter"
}
resource "vsphere_resource_pool" "p" {
  name                    = "p"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}
