# The flag is on in the source and is not declared at the clone.
resource "vsphere_virtual_machine" "source" {
  name                       = "source"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  wait_for_guest_net_timeout = 0
  enable_disk_uuid           = true
  nested_hv_enabled          = true
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}

resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  clone {
    template_uuid = vsphere_virtual_machine.source.id
  }
}
