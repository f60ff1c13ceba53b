# SATA is not shared, and NVMe in fewer ways.
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  controller {
    type       = "sata"
    bus_number = 0
    sharing    = "physicalSharing"
  }
  controller {
    type       = "nvme"
    bus_number = 0
    sharing    = "virtualSharing"
    scsi_type  = "pvscsi"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
