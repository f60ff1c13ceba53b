locals {
  buses = { noSharing = 0, virtualSharing = 1, physicalSharing = 2 }
  modes = ["persistent", "independent_persistent", "independent_nonpersistent", "nonpersistent"]
  # Every mode and sharing mode of a disk, on every sharing mode of a controller.
  cells = flatten([for bus, number in local.buses : [for m, mode in local.modes : [for s, sharing in ["sharingNone", "sharingMultiWriter"] : {
    label   = "${bus}-${mode}-${sharing}"
    bus     = number
    unit    = m * 2 + s == 7 ? 8 : m * 2 + s
    mode    = mode
    sharing = sharing
  }]]])
}
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  dynamic "controller" {
    for_each = local.buses
    content {
      type       = "scsi"
      bus_number = controller.value
      sharing    = controller.key
    }
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  dynamic "disk" {
    for_each = local.cells
    content {
      label                  = disk.value.label
      size                   = 1
      thin_provisioned       = false
      eagerly_scrub          = true
      disk_mode              = disk.value.mode
      disk_sharing           = disk.value.sharing
      controller_type        = "scsi"
      controller_bus_number  = disk.value.bus
      controller_unit_number = disk.value.unit
    }
  }
  disk {
    label            = "rac"
    size             = 1
    thin_provisioned = false
    eagerly_scrub    = true
    application_type = "OracleRAC"
  }
  disk {
    label            = "wsfc"
    size             = 1
    thin_provisioned = false
    eagerly_scrub    = true
    application_type = "MicrosoftWSFC"
  }
}
