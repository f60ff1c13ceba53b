# A local file that does not exist
# command: apply
resource "vsphere_file" "missing" {
  datastore        = "LocalDS_0"
  source_file      = "missing.iso"
  destination_file = "missing.iso"
}
