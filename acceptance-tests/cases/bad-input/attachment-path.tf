# A path without its datastore.
# command: validate
resource "vsphere_virtual_disk_attachment" "a" {
  virtual_machine_id = "vm-42"
  path               = "disks/d.vmdk"
}
