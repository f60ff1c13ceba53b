# A host that does not exist.
resource "vsphere_host_port_group" "web" {
  name                = "web"
  host_system_id      = "host-4711"
  virtual_switch_name = "vSwitch0"
}
