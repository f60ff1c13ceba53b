resource "vsphere_virtual_machine_group" "g" {
  name                = "web"
  power_state         = "on"
  virtual_machine_ids = ["42310d5a-6b1e-4b8e-9f57-0d2c6a3b7e11", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}
