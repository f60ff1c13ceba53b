# Teams with adapters that are not of the switch, and a virtual machine as the host.
resource "vsphere_host_virtual_switch" "s" {
  name             = "vSwitch1"
  host_system_id   = "vm-3"
  mtu              = 9001
  network_adapters = ["vmnic1"]
  active_nics      = ["vmnic1", "vmnic2"]
  standby_nics     = ["vmnic3"]
}
