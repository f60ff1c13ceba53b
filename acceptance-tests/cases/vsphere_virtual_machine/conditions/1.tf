resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  class_name                 = "small"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}

# VMware Tools starts some time after the virtual machine.
locals {
  types = ["VirtualMachineClassConfigurationSynced", "VirtualMachineUnmanagedVolumesBackfilled"]
  conditions = {
    for c in vsphere_virtual_machine.vm.conditions : c.type => join(" ", compact([c.status, c.reason])) if contains(local.types, c.type)
  }
}
output "conditions" {
  value = local.conditions
  precondition {
    condition     = local.conditions == local.expected
    error_message = jsonencode(vsphere_virtual_machine.vm.conditions)
  }
}
locals {
  expected = {
    VirtualMachineClassConfigurationSynced   = "True"
    VirtualMachineUnmanagedVolumesBackfilled = "True"
  }
}
