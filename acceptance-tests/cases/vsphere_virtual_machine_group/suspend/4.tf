resource "vsphere_virtual_machine_group" "g" {
  power_state = "on"
}
