# A snapshot without a description, of a disk on a datastore with a name.
resource "vsphere_first_class_disk_snapshot" "s" {
  datastore_id        = "LocalDS_0"
  first_class_disk_id = ""
  description         = " "
}
