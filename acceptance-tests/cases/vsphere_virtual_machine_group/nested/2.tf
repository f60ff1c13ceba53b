resource "vsphere_virtual_machine_group" "app" {
  name                = "app"
  virtual_machine_ids = [for name in ["DC0_C0_RP0_VM0", "DC0_H0_VM1"] : data.vsphere_virtual_machine.vm[name].id]
}
