resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  datastore_path             = "files-of-web"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label       = "data"
    size        = 1
    unit_number = 1
  }
}

resource "vsphere_virtual_machine" "clone" {
  name                       = "clone"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  datastore_path             = "files-of-clone"
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
  disk {
    label       = "data"
    size        = 1
    unit_number = 1
  }
}
