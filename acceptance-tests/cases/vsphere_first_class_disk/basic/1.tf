resource "vsphere_first_class_disk" "data" {
  name         = "data"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 1
}
resource "vsphere_first_class_disk" "thick" {
  name                 = "thick"
  datastore_id         = "{{moid /DC0/datastore/LocalDS_0}}"
  size                 = 2
  type                 = "eagerZeroedThick"
  keep_after_delete_vm = false
}
