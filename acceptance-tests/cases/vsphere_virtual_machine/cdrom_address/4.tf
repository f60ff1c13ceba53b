resource "vsphere_virtual_machine" "vm" {
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
}
