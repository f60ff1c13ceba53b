resource "vsphere_virtual_machine" "vm" {
  annotation = "x"
}
