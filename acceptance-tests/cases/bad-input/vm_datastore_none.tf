# No datastore at all.
# command: plan
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id         = "ubuntu64Guest"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
