resource "vsphere_virtual_machine" "vm" {
  power_state     = null
  power_on_checks = { ad = "waiting for the computer object" }
}

resource "vsphere_virtual_machine_group" "shop" {
  power_state = "off"
}
