locals {
  volumes = toset(["inbox", "mail", "queue", "spool"])
}

resource "vsphere_virtual_machine" "vm" {
  name                       = "mail"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "system"
    size  = 4
  }
  dynamic "disk" {
    for_each = local.volumes
    content {
      label       = disk.key
      size        = 3
      unit_number = 1 + index(sort(local.volumes), disk.key)
    }
  }
}

output "files" {
  value = { for d in vsphere_virtual_machine.vm.disk : d.label => d.path }
}
