data "vsphere_virtual_machine" "vm" {
  for_each = toset(["DC0_C0_RP0_VM0", "DC0_C0_RP0_VM1", "DC0_H0_VM0", "DC0_H0_VM1"])
  name     = "/DC0/vm/${each.key}"
}

resource "vsphere_virtual_machine_group" "db" {
  name = "db"
  boot_order {
    virtual_machine_ids = [data.vsphere_virtual_machine.vm["DC0_H0_VM0"].id]
  }
  boot_order {
    virtual_machine_ids = [data.vsphere_virtual_machine.vm["DC0_C0_RP0_VM1"].id]
    power_on_delay      = 1
  }
}

resource "vsphere_virtual_machine_group" "app" {
  name                = "app"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm["DC0_C0_RP0_VM0"].id]
}

resource "vsphere_virtual_machine_group" "shop" {
  name        = "shop"
  power_state = "on"
  boot_order {
    member_group_ids = [vsphere_virtual_machine_group.db.id]
  }
  boot_order {
    member_group_ids = [vsphere_virtual_machine_group.app.id]
    power_on_delay   = 1
  }
}

output "members" {
  value = join(" ", [for m in vsphere_virtual_machine_group.shop.members : "${m.group}:${m.name}"])
}
