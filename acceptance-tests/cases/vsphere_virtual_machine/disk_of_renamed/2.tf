resource "vsphere_virtual_machine" "vm" {
  name = "www"
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label       = "data"
    size        = 1
    unit_number = 1
  }
}
