resource "vsphere_virtual_machine" "vm" {
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label = "more"
    size  = 4
  }
  disk {
    label                 = "logs"
    size                  = 3
    controller_bus_number = 1
  }
}
