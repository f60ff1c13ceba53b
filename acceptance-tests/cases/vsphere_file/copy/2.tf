resource "vsphere_file" "original" {
  datacenter       = "DC0"
  datastore        = "LocalDS_0"
  source_file      = "files/hello.txt"
  destination_file = "original.txt"
}
