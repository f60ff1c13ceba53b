resource "vsphere_virtual_machine" "vm" {
  disk {
    label     = "disk0"
    size      = 1
    disk_mode = "independent_nonpersistent"
  }
}
