# An item of nothing, one of a virtual machine with another type, one in a library that does not exist
resource "vsphere_content_library" "l" {
  name            = "a"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
resource "vsphere_content_library_item" "nothing" {
  name       = "nothing"
  library_id = vsphere_content_library.l.id
}
resource "vsphere_content_library_item" "iso" {
  name        = "iso"
  library_id  = vsphere_content_library.l.id
  type        = "iso"
  source_uuid = "{{moid /DC0/vm/DC0_H0_VM0}}"
}
resource "vsphere_content_library_item" "library" {
  name       = "library"
  library_id = "00000000-0000-4000-8000-000000000000"
  file_url   = "a.iso"
}
