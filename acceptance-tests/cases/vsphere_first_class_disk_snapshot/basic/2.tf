resource "vsphere_first_class_disk" "d" {
  name         = "data"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 1
}
resource "vsphere_first_class_disk_snapshot" "s" {
  datastore_id        = vsphere_first_class_disk.d.datastore_id
  first_class_disk_id = vsphere_first_class_disk.d.id
  description         = "before the upgrade"
  revert_trigger      = "1"
}
