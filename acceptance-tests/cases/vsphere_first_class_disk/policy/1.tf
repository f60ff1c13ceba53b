resource "vsphere_first_class_disk" "d" {
  name              = "data"
  datastore_id      = "{{moid /DC0/datastore/LocalDS_0}}"
  size              = 1
  storage_policy_id = "aa6d5a82-1c88-45da-85d3-3d74b91a5bad"
}
