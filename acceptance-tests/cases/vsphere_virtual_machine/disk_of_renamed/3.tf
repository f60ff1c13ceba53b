resource "vsphere_virtual_machine" "vm" {
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label       = "data"
    size        = 1
    unit_number = 1
  }
  disk {
    label        = "more"
    size         = 1
    unit_number  = 2
    datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  }
}
