resource "vsphere_first_class_disk" "d" {
  name              = "d"
  datastore_id      = "{{moid /DC0/datastore/LocalDS_0}}"
  register_path     = "image.vmdk"
  storage_policy_id = "00000000-0000-0000-0000-000000000000"
}
