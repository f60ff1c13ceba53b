data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

# The number of CPUs and the memory of a class. Reservations are percentages of them.
resource "vsphere_virtual_machine_class" "my_vm_class" {
  name               = "my-vm-class"
  cpus               = 2
  memory             = provider::vsphere::mib("4Gi")
  memory_reservation = 25
}

# `class_name` gives the virtual machine its size. With `follow`, a changed class resizes it as well.
resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  class_name       = vsphere_virtual_machine_class.my_vm_class.name
  class_sync       = "follow"
  cpu_limit        = 400
  memory_limit     = 2048
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 20
  }
}

output "hardware" {
  value = {
    cpu    = vsphere_virtual_machine.my_vm.hardware_status.cpu
    memory = vsphere_virtual_machine.my_vm.hardware_status.memory
    synced = one([
      for c in vsphere_virtual_machine.my_vm.conditions : c if c.type == "VirtualMachineClassConfigurationSynced"
    ])
  }
}
