resource "vsphere_file" "original" {
  datacenter       = "DC0"
  datastore        = "LocalDS_0"
  source_file      = "files/hello.txt"
  destination_file = "original.txt"
}

resource "vsphere_file" "copy" {
  datacenter         = "DC0"
  source_datacenter  = "DC0"
  datastore          = "LocalDS_0"
  source_datastore   = "LocalDS_0"
  source_file        = vsphere_file.original.destination_file
  destination_file   = "copies/copy.txt"
  create_directories = true
}
