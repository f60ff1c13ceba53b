resource "vsphere_guest_os_customization" "s" {
  name        = "web-2"
  type        = "Linux"
  description = "of the web team"
  spec {
    dns_server_list = ["10.0.0.2", "10.0.0.3"]
    dns_suffix_list = ["example.com"]
    ipv4_gateway    = "192.168.7.1"
    linux_options {
      domain       = "example.com"
      host_name    = "web"
      hw_clock_utc = false
      time_zone    = "Europe/Berlin"
    }
    network_interface {
      ipv4_address = "192.168.7.5"
      ipv4_netmask = 24
    }
    network_interface {
      ipv6_address = "fd00::5"
      ipv6_netmask = 64
    }
  }
}
