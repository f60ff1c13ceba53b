resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "ubuntu64Guest"

  network_interface {
    name       = "eth0"
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  network_interface {
    name       = "eth1"
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }

  customize {
    timeout         = 1
    dns_server_list = ["10.0.0.2"]
    dns_suffix_list = ["example.com"]
    ipv4_gateway    = "10.0.1.1"
    linux_options {
      host_name = "web-1"
      domain    = "example.com"
    }
    network_interface {
      ipv4_address = "10.0.1.11"
      ipv4_netmask = 24
      ipv4_gateway = "None"
      dhcp6        = true
    }
    network_interface {
      ipv4_address   = "10.0.1.12"
      ipv4_netmask   = 25
      ipv6_address   = "fd00::5"
      ipv6_netmask   = 64
      ipv6_addresses = ["fd00::6/64"]
      ipv6_gateway   = "fe80::1"
    }
  }
}

output "guest" {
  value = [for n in vsphere_virtual_machine.vm.guest_networks : { name = n.name, addresses = [for a in n.addresses : "${a.address}/${a.prefix_length} ${a.origin}"] }]
  precondition {
    condition     = jsonencode([for n in vsphere_virtual_machine.vm.guest_networks : [n.name, n.mac_address, n.dhcp4, n.dns_servers, n.search_domains]]) == jsonencode([for i in vsphere_virtual_machine.vm.network_interface : [i.name, i.mac_address, false, ["10.0.0.2"], ["example.com"]]])
    error_message = jsonencode(vsphere_virtual_machine.vm.guest_networks)
  }
  precondition {
    condition     = jsonencode([for n in vsphere_virtual_machine.vm.guest_networks : n.routes]) == jsonencode([[], [{ destination = "0.0.0.0/0", gateway = "10.0.1.1" }, { destination = "::/0", gateway = "fe80::1" }]])
    error_message = jsonencode(vsphere_virtual_machine.vm.guest_networks)
  }
  precondition {
    condition     = jsonencode([for n in vsphere_virtual_machine.vm.guest_networks : [n.dhcp6, n.host_name]]) == jsonencode([[true, "web-1"], [false, "web-1"]])
    error_message = jsonencode(vsphere_virtual_machine.vm.guest_networks)
  }
}
