locals {
  hardware = vsphere_virtual_machine.vm.hardware_status
  storage  = vsphere_virtual_machine.vm.storage_usage
}

output "hardware" {
  value = local.hardware
  precondition {
    condition     = local.hardware.cpu.total == vsphere_virtual_machine.vm.num_cpus && local.hardware.memory.total == vsphere_virtual_machine.vm.memory
    error_message = "CPU and memory: ${jsonencode(local.hardware)}"
  }
  precondition {
    condition     = jsonencode([for c in local.hardware.controllers : c.devices if c.type == "scsi"]) == jsonencode([[{ type = "disk", unit_number = 0 }]])
    error_message = "controllers: ${jsonencode(local.hardware)}"
  }
}

output "storage" {
  value = local.storage
  precondition {
    condition     = local.storage.disks_requested == 1073741824 && local.storage.total == local.storage.other_used + local.storage.disks_requested
    error_message = "storage: ${jsonencode(local.storage)}"
  }
}
