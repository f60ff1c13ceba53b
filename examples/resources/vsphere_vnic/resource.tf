data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_host_port_group" "vmotion" {
  name                = "vmotion"
  host_system_id      = data.vsphere_host.esx1.id
  virtual_switch_name = "vSwitch0"
  vlan_id             = 30
}

# A VMkernel adapter for vMotion.
resource "vsphere_vnic" "vmotion" {
  host      = data.vsphere_host.esx1.id
  portgroup = vsphere_host_port_group.vmotion.name
  services  = ["vmotion"]

  ipv4 {
    ip      = "10.0.30.11"
    netmask = "255.255.255.0"
  }
}
