resource "vsphere_guest_os_customization" "windows" {
  name = "windows-dhcp"
  type = "Windows"

  spec {
    windows_options {
      computer_name = "template"
      workgroup     = "WORKGROUP"
    }

    network_interface {}
  }
}

# Usually, the specification is created outside this configuration.
data "vsphere_guest_os_customization" "windows" {
  name = vsphere_guest_os_customization.windows.name
}

output "workgroup" {
  value = data.vsphere_guest_os_customization.windows.spec[0].windows_options[0].workgroup
}
