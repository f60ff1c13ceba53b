data "vsphere_virtual_machine" "vm" {
  for_each = toset(["DC0_C0_RP0_VM0", "DC0_C0_RP0_VM1", "DC0_C0_RP0_VM2", "DC0_H0_VM0", "DC0_H0_VM1"])
  name     = "/DC0/vm/${each.key}"
}

locals {
  id     = { for name, vm in data.vsphere_virtual_machine.vm : name => vm.id }
  booted = { for m in vsphere_virtual_machine_group.app.members : m.name => m.boot_time }
}

resource "vsphere_virtual_machine_group" "app" {
  name        = "app"
  power_state = "off"
  boot_order {
    virtual_machine_ids = [local.id["DC0_H0_VM1"]]
  }
  boot_order {
    virtual_machine_ids = [local.id["DC0_C0_RP0_VM1"], local.id["DC0_C0_RP0_VM2"]]
    power_on_delay      = 2
  }
  boot_order {
    virtual_machine_ids = [local.id["DC0_H0_VM0"]]
  }
  virtual_machine_ids = [local.id["DC0_C0_RP0_VM0"]]
}

output "members" {
  value = join(" ", [for m in vsphere_virtual_machine_group.app.members : "${coalesce(m.boot_order_index, "none")}:${m.name}:${m.power_state}"])

  precondition {
    condition     = alltrue([for m in vsphere_virtual_machine_group.app.members : alltrue([for c in m.conditions : c.status == "True"])])
    error_message = "A condition is false."
  }
}
