# Values that cannot be.
# command: validate
resource "vsphere_first_class_disk" "d" {
  name          = " "
  datastore_id  = "ssd1"
  size          = 0
  type          = "thick"
  register_path = "[ssd1] a.vmdk"
}
