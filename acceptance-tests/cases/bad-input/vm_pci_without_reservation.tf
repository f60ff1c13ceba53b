# What is passed through needs all memory reserved.
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "ubuntu64Guest"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  pci_device_id    = ["0000:3b:00.0"]
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
