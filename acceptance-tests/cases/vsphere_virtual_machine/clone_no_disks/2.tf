resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  wait_for_guest_net_timeout = 0
  num_cpus                   = 2
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
}

output "disk" {
  value = one([for d in vsphere_virtual_machine.vm.disk : "${d.label} ${d.size} ${d.device_address}"])
}

resource "vsphere_virtual_machine" "other" {
  name                       = "other"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  wait_for_guest_net_timeout = 0
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
}
