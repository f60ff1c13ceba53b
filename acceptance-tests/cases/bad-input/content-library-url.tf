# A subscription without a URL
resource "vsphere_content_library" "l" {
  name            = "a"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
  subscription {
    authentication_method = "NONE"
  }
}
