# A path with the name of a datastore.
data "vsphere_datastore_files" "d" {
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  folder       = "[LocalDS_0] images"
}
