resource "vsphere_guest_os_customization" "s" {
  name        = "web"
  type        = "Linux"
  description = "of the web team"
  spec {
    dns_server_list = ["10.0.0.2"]
    linux_options {
      domain    = "example.com"
      host_name = "web"
    }
    network_interface {}
  }
}
data "vsphere_guest_os_customization" "s" {
  name = vsphere_guest_os_customization.s.name
}
output "found" {
  value = data.vsphere_guest_os_customization.s.type
  precondition {
    condition     = data.vsphere_guest_os_customization.s.spec[0].linux_options[0].host_name == "web"
    error_message = jsonencode(data.vsphere_guest_os_customization.s)
  }
}
