resource "vsphere_virtual_machine_group" "g" {
  name                = "web"
  power_state         = "on"
  virtual_machine_ids = ["42310d5a-6b1e-4b8e-9f57-0d2c6a3b7e11", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}

output "wrong" {
  value = "1"

  precondition {
    condition     = one([for c in vsphere_virtual_machine_group.g.conditions : c.message]) == "1 of 2 members are not ready. 42310d5a-6b1e-4b8e-9f57-0d2c6a3b7e11: The virtual machine does not exist."
    error_message = "The group reports nothing."
  }
}
