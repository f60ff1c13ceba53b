resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id            = "{{moid /DC0/network/VM Network}}"
    use_static_mac        = true
    mac_address           = "00:50:56:00:11:33"
    bandwidth_share_level = "custom"
    bandwidth_share_count = 70
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
