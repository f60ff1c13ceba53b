# Another name and networks, no DNS servers, and IPv6.
resource "vsphere_ip_pool" "web" {
  name            = "web/2"
  datacenter_id   = "{{moid /DC0}}"
  network_ids     = ["{{moid /DC0/network/DC0_DVPG0}}"]
  dns_search_path = "eng.example.com;example.com"
  ipv4 {
    subnet_address        = "192.0.2.0"
    netmask               = "255.255.255.0"
    range                 = "192.0.2.10#30"
    dhcp_server_available = true
  }
  ipv6 {
    subnet_address = "2001:db8::"
    netmask        = "ffff:ffff:ffff:ffff::"
    range          = "2001:db8::10#100"
  }
}
