data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

# An omitted name finds the default key provider.
data "vsphere_key_provider" "this" {
  name = try(var.encryption_class.key_provider, null)
}

resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "windows2019srvNext_64Guest"
  firmware         = "efi"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 60
  }

  encryption {
    key_provider_id = data.vsphere_key_provider.this.id
    key_id          = try(var.encryption_class.key_id, null)
    rekey           = "shallow"
    rekey_trigger   = var.rekey
  }

  vtpm {}
}

output "crypto" {
  value = vsphere_virtual_machine.my_vm.encryption_status
}
