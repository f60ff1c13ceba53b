resource "vsphere_virtual_machine" "vm" {
  class_sync = "follow"
}
