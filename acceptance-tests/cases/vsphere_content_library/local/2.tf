resource "vsphere_content_library" "l" {
  name            = "templates"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
