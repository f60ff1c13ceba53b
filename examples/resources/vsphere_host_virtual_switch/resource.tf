data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A switch with an active and a standby adapter.
resource "vsphere_host_virtual_switch" "storage" {
  name             = "vSwitch1"
  host_system_id   = data.vsphere_host.esx1.id
  mtu              = 9000
  network_adapters = ["vmnic1", "vmnic2"]
  active_nics      = ["vmnic1"]
  standby_nics     = ["vmnic2"]
}
