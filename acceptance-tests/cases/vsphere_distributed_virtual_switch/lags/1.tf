resource "vsphere_distributed_virtual_switch" "s" {
  name             = "dvs1"
  datacenter_id    = "{{moid /DC0}}"
  lacp_api_version = "multipleLag"

  lag {
    name                   = "lag1"
    mode                   = "active"
    uplink_count           = 2
    load_balance_algorithm = "srcDestIp"
  }

  lag {
    name = "lag2"
  }
}
