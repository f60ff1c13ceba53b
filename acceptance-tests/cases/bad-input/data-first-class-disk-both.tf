# Both an ID and a name.
# command: validate
data "vsphere_first_class_disk" "d" {
  datastore_id = "datastore-12"
  name         = "data"
  id           = "6c3b8f0e"
}
data "vsphere_first_class_disks" "d" {
  datastore_id = "datastore-12"
  name_regex   = "("
}
