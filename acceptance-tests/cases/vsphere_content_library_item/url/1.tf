resource "vsphere_content_library" "l" {
  name            = "images"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
resource "vsphere_content_library_item" "iso" {
  name       = "fetched"
  library_id = vsphere_content_library.l.id
  type       = "iso"
  file_url   = "https://{{server}}/folder/a.iso?dcPath=DC0&dsName=LocalDS_0"
}
