# A further IPv6 address without its prefix length.
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
    label = "disk0"
    size  = 1
  }
  customize {
    linux_options {
      host_name = "web-1"
      domain    = "example.com"
    }
    network_interface {
      ipv4_address   = "10.0.0.11"
      ipv4_netmask   = 24
      ipv6_addresses = ["fd00::6"]
    }
  }
}
