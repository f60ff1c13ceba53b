# Link aggregation groups without enhanced LACP.
resource "vsphere_distributed_virtual_switch" "basic" {
  name             = "dvs1"
  datacenter_id    = "{{moid /DC0}}"
  lacp_api_version = "singleLag"

  lag {
    name = "lag1"
  }
}
