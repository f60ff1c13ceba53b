data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_virtual_machine_group" "g" {
  name        = "web servers"
  power_state = "on"
  boot_order {
    virtual_machine_ids = [data.vsphere_virtual_machine.vm[1].instance_uuid]
  }
  boot_order {
    virtual_machine_ids = [data.vsphere_virtual_machine.vm[0].id, "{{moid /DC0/vm/DC0_H0_VM0}}"]
    power_on_delay      = 30
  }
}
