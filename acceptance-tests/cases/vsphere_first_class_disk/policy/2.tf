resource "vsphere_first_class_disk" "d" {
  name              = "data"
  datastore_id      = "{{moid /DC0/datastore/LocalDS_0}}"
  size              = 1
  storage_policy_id = "f4e5bade-15a2-4805-bf8e-52318c4ce443"
}
