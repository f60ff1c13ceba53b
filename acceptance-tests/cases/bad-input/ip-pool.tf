# Addresses that do not fit together.
resource "vsphere_ip_pool" "p" {
  name          = "web"
  datacenter_id = "datacenter-2"
  ipv4 {
    subnet_address = "192.0.2.0"
    netmask        = "255.0.255.0"
    gateway        = "2001:db8::1"
    range          = "192.0.2.10-192.0.2.20"
  }
  ipv6 {
    subnet_address = "2001:db8::"
    netmask        = "ffff:ffff:ffff:ffff::"
    range          = "2001:db9::10#100"
  }
}
