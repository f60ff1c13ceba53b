# A new member has to exist.
resource "vsphere_virtual_machine_group" "g" {
  name = "web"
  boot_order {
    virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}"]
  }
  boot_order {
    virtual_machine_ids = ["vm-9999", "7dc847e3-ffa0-55fc-9c65-18f9246b4500"]
  }
  member_group_ids = ["db(vm-9998)"]
}
