# There is no such datastore.
resource "vsphere_first_class_disk" "d" {
  name         = "data"
  datastore_id = "datastore-99999"
  size         = 1
}
