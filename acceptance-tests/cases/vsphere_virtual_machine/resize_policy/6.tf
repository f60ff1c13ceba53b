resource "vsphere_virtual_machine" "vm" {
  memory        = 4096
  resize_policy = "power_cycle"
}
