# Published and subscribed, without a URL, two passwords, an unknown method
resource "vsphere_content_library" "l" {
  name            = "a"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
  publication {
    authentication_method = "basic"
  }
  subscription {
    password    = "hunter2"
    password_wo = "hunter2"
  }
}
