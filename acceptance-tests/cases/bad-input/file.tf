# A folder, and a datastore that does not exist
resource "vsphere_file" "folder" {
  datastore        = "LocalDS_0"
  source_file      = "a.txt"
  destination_file = "iso/"
}

resource "vsphere_file" "datastore" {
  datastore        = "LocalDS_9"
  source_file      = "a.txt"
  destination_file = "iso/a.txt"
}
