# Two link aggregation groups of one name, and wrong values.
# command: validate
resource "vsphere_distributed_virtual_switch" "s" {
  name             = "dvs1"
  datacenter_id    = "datacenter-2"
  lacp_api_version = "multipleLag"

  lag {
    name = "lag1"
    mode = "on"
  }

  lag {
    name                   = "lag1"
    uplink_count           = 0
    load_balance_algorithm = "ip"
  }
}
