data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_virtual_machine_group" "g" {
  name                = "web servers"
  power_state         = "on"
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", upper(data.vsphere_virtual_machine.vm[1].id)]
}
