resource "vsphere_content_library" "l" {
  name            = "images"
  description     = "Images of the team"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
