resource "vsphere_content_library" "source" {
  name            = "source"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
  publication {
    published             = true
    authentication_method = "BASIC"
    username              = "vcsp"
    password              = "hunter2-publisher"
  }
}
resource "vsphere_content_library" "copy" {
  name            = "copy"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
  subscription {
    subscription_url      = vsphere_content_library.source.publication[0].publish_url
    authentication_method = "BASIC"
    username              = "vcsp"
    password_wo           = "hunter2-subscriber"
    password_wo_version   = "2"
    automatic_sync        = true
  }
}
resource "vsphere_content_library" "open" {
  name            = "open"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
  publication {
    published = true
  }
}
output "url" {
  value = vsphere_content_library.source.publication[0].publish_url
}
