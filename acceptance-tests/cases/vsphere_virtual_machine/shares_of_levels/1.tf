resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id            = "{{moid /DC0/network/VM Network}}"
    bandwidth_share_count = 75
  }
  disk {
    label          = "system"
    size           = 2
    io_share_count = 1000
  }
  disk {
    label          = "data"
    size           = 1
    unit_number    = 1
    io_share_level = "high"
    io_share_count = 3
  }
}
