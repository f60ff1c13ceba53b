data "vsphere_virtual_machine" "vm" {
  for_each = toset(["DC0_C0_RP0_VM0", "DC0_C0_RP0_VM1", "DC0_H0_VM0"])
  name     = "/DC0/vm/${each.key}"
}

resource "vsphere_virtual_machine_group" "shop" {
  name        = "shop"
  power_state = "on"
  boot_order {
    virtual_machine_ids = [for name in ["DC0_C0_RP0_VM0", "DC0_C0_RP0_VM1"] : data.vsphere_virtual_machine.vm[name].id]
  }
  virtual_machine_ids = [data.vsphere_virtual_machine.vm["DC0_H0_VM0"].id]
}
