# A unit of which controller?
# command: validate
resource "vsphere_virtual_disk_attachment" "a" {
  virtual_machine_id = "vm-42"
  path               = "[ssd1] d.vmdk"
  unit_number        = 3
}
