# Files that do not exist or are not what their names say
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
resource "vsphere_content_library_item" "ovf" {
  name       = "ovf"
  library_id = vsphere_content_library.l.id
  file_url   = "main.tf"
}
