# Two blocks for scsi:1.
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  controller {
    type       = "scsi"
    bus_number = 0
  }
  controller {
    type       = "scsi"
    bus_number = 1
    scsi_type  = "pvscsi"
  }
  controller {
    type       = "scsi"
    bus_number = 1
    sharing    = "physicalSharing"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
