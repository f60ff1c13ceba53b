# A host in two blocks, two kinds of VLAN, and a version that does not exist.
resource "vsphere_distributed_virtual_switch" "s" {
  name                           = "dvs1"
  datacenter_id                  = "datacenter-3"
  version                        = "5.5.0"
  vlan_id                        = 5
  port_private_secondary_vlan_id = 6

  host {
    host_system_id = "host-37"
    devices        = ["vmnic1"]
  }
  host {
    host_system_id = "host-37"
    devices        = ["vmnic2"]
  }
}
