resource "vsphere_guest_os_customization" "linux" {
  name        = "linux-dhcp"
  type        = "Linux"
  description = "Linux guests with DHCP"

  spec {
    dns_server_list = ["10.0.0.2", "10.0.0.3"]
    dns_suffix_list = ["example.com"]

    linux_options {
      domain    = "example.com"
      host_name = "web"
      time_zone = "Europe/Berlin"
    }

    network_interface {}
  }
}
