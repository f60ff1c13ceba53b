# An address without the length of its network, and the name of a computer that is too long.
# command: validate
resource "vsphere_guest_os_customization" "s" {
  name = "web"
  type = "Windows"
  spec {
    windows_options {
      computer_name = "production-web-1"
    }
    network_interface {
      ipv4_address = "10.0.0.5"
    }
  }
}
