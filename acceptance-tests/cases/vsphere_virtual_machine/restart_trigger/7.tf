resource "vsphere_virtual_machine" "vm" {
  restart_trigger = "5"
}
