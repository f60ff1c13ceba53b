# A name that no disk has.
data "vsphere_first_class_disk" "d" {
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  name         = "missing"
}
