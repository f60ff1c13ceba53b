# One type for all controllers, and blocks of them.
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  scsi_type                  = "pvscsi"
  scsi_bus_sharing           = "noSharing"
  scsi_controller_count      = 1
  controller {
    type       = "scsi"
    bus_number = 0
    scsi_type  = "lsilogic"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
