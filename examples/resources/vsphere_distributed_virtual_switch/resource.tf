data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx" {
  for_each      = toset(["esx1.example.com", "esx2.example.com"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A switch with two uplinks per host.
resource "vsphere_distributed_virtual_switch" "prod" {
  name            = "prod"
  datacenter_id   = data.vsphere_datacenter.dc1.id
  max_mtu         = 9000
  uplinks         = ["uplink1", "uplink2"]
  active_uplinks  = ["uplink1"]
  standby_uplinks = ["uplink2"]

  dynamic "host" {
    for_each = data.vsphere_host.esx

    content {
      host_system_id = host.value.id
      devices        = ["vmnic1", "vmnic2"]
    }
  }
}

# A switch with a link aggregation group.
resource "vsphere_distributed_virtual_switch" "lacp" {
  name             = "lacp"
  datacenter_id    = data.vsphere_datacenter.dc1.id
  lacp_api_version = "multipleLag"

  lag {
    name                   = "lag1"
    mode                   = "active"
    uplink_count           = 2
    load_balance_algorithm = "srcDestIpTcpUdpPortVlan"
  }
}
