resource "vsphere_virtual_machine_group" "g" {
  name                = "web"
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}

output "power_state" {
  value = vsphere_virtual_machine_group.g.power_state

  precondition {
    condition     = vsphere_virtual_machine_group.g.power_state == "mixed"
    error_message = "The members are on and off."
  }
}
