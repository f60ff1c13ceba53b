# Memory that is not reserved.
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_H0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  device_groups              = ["Nvidia:2@grid_v100-8q%NVLink"]
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
