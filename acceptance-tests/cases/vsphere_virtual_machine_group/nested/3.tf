resource "vsphere_virtual_machine_group" "shop" {
  power_state = "off"
}
