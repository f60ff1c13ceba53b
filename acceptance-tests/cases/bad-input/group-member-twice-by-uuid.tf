# Two IDs of one virtual machine.
data "vsphere_virtual_machine" "vm" {
  name = "/DC0/vm/DC0_C0_RP0_VM0"
}

resource "vsphere_virtual_machine_group" "g" {
  name = "web"
  boot_order {
    virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}"]
  }
  virtual_machine_ids = [data.vsphere_virtual_machine.vm.id]
}
