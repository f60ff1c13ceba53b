resource "vsphere_virtual_machine" "vm" {
  restart_trigger = "2"
  restart_mode    = "soft"
}
