resource "vsphere_first_class_disk" "d" {
  name         = "data"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 1
}
resource "vsphere_virtual_disk_attachment" "d" {
  virtual_machine_id    = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  path                  = vsphere_first_class_disk.d.path
  controller_type       = "scsi"
  controller_bus_number = 0
  unit_number           = 4
  disk_mode             = "independent_persistent"
}
