# Members are named by ID.
resource "vsphere_virtual_machine_group" "g" {
  name                = "web"
  virtual_machine_ids = ["/DC0/vm/DC0_C0_RP0_VM0"]
  member_group_ids    = ["db"]
  boot_order {
    virtual_machine_ids = ["{{moid /DC0/host/DC0_C0}}"]
    member_group_ids    = ["db(vm-1"]
  }
}
