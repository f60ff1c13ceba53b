# A virtual machine is a member once, also by way of nested groups.
resource "vsphere_virtual_machine_group" "g" {
  name = "web"
  boot_order {
    virtual_machine_ids = ["vm-68"]
  }
  virtual_machine_ids = ["vm-68"]
  member_group_ids    = ["db(vm-68)"]
}
