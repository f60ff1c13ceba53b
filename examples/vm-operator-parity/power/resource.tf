data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  # A new virtual machine with checks is left powered off. Its power state is set when the last check is removed.
  power_state           = length(var.power_on_checks) > 0 ? null : var.power_state
  power_off_mode        = "hard"
  suspend_mode          = "trySoft"
  restart_mode          = "soft"
  restart_trigger       = var.restart
  soft_power_op_timeout = 300

  power_on_checks = var.power_on_checks
  delete_checks   = var.delete_checks

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 20
  }
}
