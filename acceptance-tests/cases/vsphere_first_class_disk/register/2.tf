resource "vsphere_first_class_disk" "d" {
  name          = "d"
  datastore_id  = "{{moid /DC0/datastore/LocalDS_0}}"
  register_path = "none.vmdk"
}
