resource "vsphere_virtual_machine" "vm" {
  cdrom {
    datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
    path         = "iso/c.iso"
    name         = "bb"
  }
  cdrom {
    datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
    path         = "iso/a.iso"
    name         = "aa"
  }
}
