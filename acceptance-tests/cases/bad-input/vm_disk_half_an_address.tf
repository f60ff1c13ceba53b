# A unit without a controller.
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "ubuntu64Guest"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label                  = "disk0"
    size                   = 1
    controller_unit_number = 0
  }
}
