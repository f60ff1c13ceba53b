resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  sata_controller_count      = 1
  cdrom {
    datastore_id           = "{{moid /DC0/datastore/LocalDS_0}}"
    path                   = "iso/a.iso"
    controller_type        = "sata"
    controller_bus_number  = 0
    controller_unit_number = 6
  }
  cdrom {
    datastore_id           = "{{moid /DC0/datastore/LocalDS_0}}"
    path                   = "iso/b.iso"
    controller_type        = "ide"
    controller_bus_number  = 1
    controller_unit_number = 1
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
