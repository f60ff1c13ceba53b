resource "vsphere_virtual_machine" "vm" {
  restart_trigger = "3"
  restart_mode    = "hard"
}
