# There is none of that name.
data "vsphere_guest_os_customization" "s" {
  name = "web"
}
