resource "vsphere_virtual_machine_group" "g" {
  name           = "web"
  power_state    = "off"
  power_off_mode = "hard"
  boot_order {
    virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}"]
  }
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}
