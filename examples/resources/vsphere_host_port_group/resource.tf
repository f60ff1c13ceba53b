data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A port group for firewalls that share a MAC address. Other policies are inherited from the switch.
resource "vsphere_host_port_group" "firewalls" {
  name                   = "firewalls"
  host_system_id         = data.vsphere_host.esx1.id
  virtual_switch_name    = "vSwitch0"
  vlan_id                = 20
  allow_forged_transmits = true
  allow_mac_changes      = true
}
