# A file that does not exist
# command: apply
resource "vsphere_content_library" "l" {
  name            = "a"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
resource "vsphere_content_library_item" "iso" {
  name       = "iso"
  library_id = vsphere_content_library.l.id
  type       = "iso"
  file_url   = "missing.iso"
}
