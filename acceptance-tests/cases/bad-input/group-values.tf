# command: validate
# Values of the wrong form.
resource "vsphere_virtual_machine_group" "g" {
  name           = "web (old)"
  power_state    = "poweredOn"
  power_off_mode = "TrySoft"
  suspend_mode   = "Hard"
  boot_order {
    power_on_delay = -1
  }
}
