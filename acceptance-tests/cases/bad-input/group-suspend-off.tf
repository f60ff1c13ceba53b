# Only members that are powered on can be suspended.
# setup: vm.power -off -force /DC0/vm/DC0_H0_VM0
resource "vsphere_virtual_machine_group" "g" {
  name                = "web"
  power_state         = "suspended"
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_H0_VM0}}"]
}
