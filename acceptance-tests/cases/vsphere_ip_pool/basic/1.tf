resource "vsphere_ip_pool" "web" {
  name          = "web"
  datacenter_id = "{{moid /DC0}}"
  network_ids   = ["{{moid /DC0/network/VM Network}}"]
  dns_domain    = "example.com"
  http_proxy    = "proxy.example.com:3128"
  ipv4 {
    subnet_address = "192.0.2.0"
    netmask        = "255.255.255.0"
    gateway        = "192.0.2.1"
    range          = "192.0.2.10#20, 192.0.2.50#5"
    dns_servers    = ["192.0.2.2", "192.0.2.3"]
  }
}
