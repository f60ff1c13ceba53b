# Neither a size nor a disk to register.
# command: validate
resource "vsphere_first_class_disk" "d" {
  name         = "data"
  datastore_id = "datastore-12"
}
