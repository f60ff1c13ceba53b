resource "vsphere_guest_os_customization" "s" {
  name        = "web"
  type        = "Linux"
  description = "one"
  spec {
    dns_server_list = ["10.0.0.2"]
    linux_options {
      domain    = "example.com"
      host_name = "web"
    }
    network_interface {}
  }
}
