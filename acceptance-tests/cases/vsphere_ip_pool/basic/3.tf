# IPv6 is removed, and the networks are not managed.
resource "vsphere_ip_pool" "web" {
  name          = "web"
  datacenter_id = "{{moid /DC0}}"
  ipv4 {
    subnet_address = "192.0.2.0"
    netmask        = "255.255.255.0"
    enabled        = false
  }
}
