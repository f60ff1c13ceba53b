# `unit_number = 16` and the pair 1, 1 are one address.
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name                  = "web"
  resource_pool_id      = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id          = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id              = "ubuntu64Guest"
  scsi_controller_count = 2
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label       = "data"
    size        = 2
    unit_number = 16
  }
  disk {
    label                  = "log"
    size                   = 2
    controller_bus_number  = 1
    controller_unit_number = 1
  }
}
