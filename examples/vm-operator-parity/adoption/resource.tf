data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

# A virtual machine that exists: the blocks describe its disks and network interfaces.
resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "disk0"
    size  = 20
  }
}

output "conditions" {
  value = vsphere_virtual_machine.my_vm.conditions
}

# Reports the conditions that are not met, in each plan.
check "conditions" {
  assert {
    condition     = alltrue([for c in vsphere_virtual_machine.my_vm.conditions : c.status != "False"])
    error_message = join("\n", [for c in vsphere_virtual_machine.my_vm.conditions : "${c.type}: ${c.reason}: ${c.message}" if c.status == "False"])
  }
}
