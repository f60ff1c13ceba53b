resource "vsphere_virtual_machine" "vm" {
  name                             = "web"
  resource_pool_id                 = "{{moid /DC0/host/DC0_H0/Resources}}"
  datastore_id                     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                         = "ubuntu64Guest"
  wait_for_guest_net_timeout       = 0
  host_system_id                   = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  memory_reservation_locked_to_max = true
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  network_interface {
    network_id        = "{{moid /DC0/network/DC0_DVPG0}}"
    adapter_type      = "sriov"
    physical_function = "0000:3b:00.0"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
