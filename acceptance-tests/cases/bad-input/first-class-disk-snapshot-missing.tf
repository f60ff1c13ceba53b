# command: apply
# A snapshot of a disk that does not exist.
resource "vsphere_first_class_disk_snapshot" "s" {
  datastore_id        = "{{moid /DC0/datastore/LocalDS_0}}"
  first_class_disk_id = "6c3b8f0e-6a9c-4a0b-9d3c-0f7f5f6f2a11"
  description         = "before the upgrade"
}
