resource "vsphere_distributed_virtual_switch" "s" {
  name             = "dvs1"
  datacenter_id    = "{{moid /DC0}}"
  lacp_api_version = "multipleLag"
}
