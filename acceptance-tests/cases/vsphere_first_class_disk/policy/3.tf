resource "vsphere_first_class_disk" "d" {
  name         = "data"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 1
}
