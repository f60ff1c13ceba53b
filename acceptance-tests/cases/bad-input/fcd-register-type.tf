# A registered disk has a type already.
# command: validate
resource "vsphere_first_class_disk" "d" {
  name          = "data"
  datastore_id  = "datastore-12"
  type          = "lazy"
  register_path = "a.vmdk"
}
