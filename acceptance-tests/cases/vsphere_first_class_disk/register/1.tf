resource "vsphere_first_class_disk" "d" {
  name          = "d"
  datastore_id  = "{{moid /DC0/datastore/LocalDS_0}}"
  size          = 1
  register_path = "image.vmdk"
}
