# A folder that does not exist.
data "vsphere_datastore_files" "d" {
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  folder       = "imges"
}
