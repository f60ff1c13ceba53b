# A VLAN beyond the last one, and an unknown teaming policy.
resource "vsphere_host_port_group" "vlan" {
  name                = "web"
  host_system_id      = "host-4711"
  virtual_switch_name = "vSwitch0"
  vlan_id             = 4096
  teaming_policy      = "loadbalance_loadbased"
}
