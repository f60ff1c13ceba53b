# The name of a datastore, and one that does not exist
resource "vsphere_content_library" "name" {
  name            = "a"
  storage_backing = ["/DC0/datastore/LocalDS_0"]
}
resource "vsphere_content_library" "missing" {
  name            = "b"
  storage_backing = ["datastore-99999"]
}
