resource "vsphere_virtual_machine" "vm" {
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

resource "vsphere_virtual_machine" "clone" {
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
