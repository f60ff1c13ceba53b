# The unit of the controller itself.
# command: validate
resource "vsphere_virtual_disk_attachment" "a" {
  virtual_machine_id    = "vm-42"
  path                  = "[ssd1] d.vmdk"
  controller_bus_number = 0
  unit_number           = 7
}
