resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  datastore_id      = "{{moid /DC0/datastore/LocalDS_0}}"
  storage_policy_id = "f4e5bade-15a2-4805-bf8e-52318c4ce443"
  disk {
    label             = "disk0"
    size              = 1
    storage_policy_id = "aa6d5a82-1c88-45da-85d3-3d74b91a5bad"
  }
  disk {
    label             = "disk1"
    size              = 1
    unit_number       = 1
    storage_policy_id = "aa6d5a82-1c88-45da-85d3-3d74b91a5bad"
  }
  disk {
    label             = "disk2"
    size              = 1
    unit_number       = 2
    storage_policy_id = "f4e5bade-15a2-4805-bf8e-52318c4ce443"
  }
}

resource "vsphere_virtual_machine" "copy" {
  name                       = "copy"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  wait_for_guest_net_timeout = 0
  storage_policy_id          = "f4e5bade-15a2-4805-bf8e-52318c4ce443"
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label             = "disk0"
    size              = 1
    storage_policy_id = "aa6d5a82-1c88-45da-85d3-3d74b91a5bad"
  }
}
