resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  controller {
    type       = "scsi"
    bus_number = 0
  }
  controller {
    type       = "scsi"
    bus_number = 2
    sharing    = "physicalSharing"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label = "more"
    size  = 4
  }
  disk {
    label                 = "logs"
    size                  = 3
    controller_bus_number = 1
  }
  disk {
    label            = "quorum"
    size             = 5
    application_type = "MicrosoftWSFC"
    thin_provisioned = false
    eagerly_scrub    = true
  }
}
