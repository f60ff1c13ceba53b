resource "vsphere_virtual_machine_group" "g" {
  name                  = "web"
  power_state           = "suspended"
  suspend_mode          = "soft"
  soft_power_op_timeout = 20
  virtual_machine_ids   = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}
