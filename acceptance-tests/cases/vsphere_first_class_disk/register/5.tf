resource "vsphere_first_class_disk" "d" {
  name          = "d"
  datastore_id  = "{{moid /DC0/datastore/LocalDS_0}}"
  size          = 3
  register_path = "image.vmdk"
}
resource "vsphere_first_class_disk" "other" {
  name          = "other"
  datastore_id  = "{{moid /DC0/datastore/LocalDS_0}}"
  register_path = "other.vmdk"
}
