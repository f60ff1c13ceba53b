resource "vsphere_first_class_disk" "data" {
  name         = "renamed"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 2
}
resource "vsphere_first_class_disk" "thick" {
  name         = "thick"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 2
  type         = "eagerZeroedThick"
}
