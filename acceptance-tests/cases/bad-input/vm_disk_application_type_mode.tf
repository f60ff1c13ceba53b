# The application needs another mode, another sharing and another bus.
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  controller {
    type       = "nvme"
    bus_number = 0
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label            = "rac"
    size             = 1
    unit_number      = 1
    application_type = "OracleRAC"
    disk_mode        = "persistent"
    disk_sharing     = "sharingNone"
  }
  disk {
    label            = "quorum"
    size             = 1
    application_type = "MicrosoftWSFC"
    controller_type  = "nvme"
  }
}
