# An id of nothing.
data "vsphere_virtual_machine" "vm" {
  moid = "vm-999999"
}
