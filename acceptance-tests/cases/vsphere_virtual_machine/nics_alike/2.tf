locals {
  networks = {
    a = "{{moid /DC0/network/VM Network}}"
    b = "{{moid /DC0/network/DC0_DVPG0}}"
  }
}

resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  dynamic "network_interface" {
    for_each = ["a", "a", "b"]
    content {
      network_id   = local.networks[network_interface.value]
      adapter_type = "vmxnet3"
    }
  }
  disk {
    label = "system"
    size  = 1
  }
}

output "keys" {
  value = join(" ", [for n in vsphere_virtual_machine.vm.network_interface : n.key])
}
