resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  evc_mode                   = "intel-skylake"
  disk {
    label = "disk0"
    size  = 1
  }
}

resource "vsphere_virtual_machine" "copy" {
  name                       = "copy"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  wait_for_guest_net_timeout = 0
  evc_mode                   = "intel-nehalem"
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
