resource "vsphere_virtual_machine" "vm" {
  name                        = "web"
  resource_pool_id            = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id                = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                    = "ubuntu64Guest"
  wait_for_guest_net_timeout  = 1
  wait_for_guest_net_routable = false
  wait_for_guest_ip_timeout   = 1
  ignored_guest_ips           = ["192.168.0.0/16"]
  extra_config = {
    "sim.address" = "192.168.7.7/24,10.1.2.3/24"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
output "ip" {
  value = vsphere_virtual_machine.vm.default_ip_address
  precondition {
    condition     = vsphere_virtual_machine.vm.default_ip_address == "10.1.2.3"
    error_message = vsphere_virtual_machine.vm.default_ip_address
  }
}
output "all" {
  value = vsphere_virtual_machine.vm.guest_ip_addresses
  precondition {
    condition     = !contains(vsphere_virtual_machine.vm.guest_ip_addresses, "192.168.7.7")
    error_message = join(",", vsphere_virtual_machine.vm.guest_ip_addresses)
  }
}
