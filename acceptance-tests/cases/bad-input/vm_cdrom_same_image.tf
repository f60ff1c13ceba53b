# One image in two drives, spelled in two ways.
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  cdrom {
    datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
    path         = "iso/a.iso"
  }
  cdrom {
    datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
    path         = "/iso/a.iso"
  }
}
