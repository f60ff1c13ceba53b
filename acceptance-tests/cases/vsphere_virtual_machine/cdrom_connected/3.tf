resource "vsphere_virtual_machine" "vm" {
  cdrom {
    datastore_id        = "{{moid /DC0/datastore/LocalDS_0}}"
    path                = "iso/a.iso"
    connected           = false
    start_connected     = true
    allow_guest_control = true
  }
}
