# Linux options in a specification for Windows.
# command: validate
resource "vsphere_guest_os_customization" "s" {
  name = "web"
  type = "Windows"
  spec {
    linux_options {
      domain    = "example.com"
      host_name = "web"
    }
    network_interface {}
  }
}
