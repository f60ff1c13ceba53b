resource "vsphere_file" "f" {
  datacenter         = "DC0"
  datastore          = "LocalDS_0"
  source_file        = "files/hello.txt"
  destination_file   = "/tf/a/hello+1 %.txt"
  create_directories = true
}

resource "vsphere_file" "top" {
  datastore        = "LocalDS_0"
  source_file      = "${path.module}/files/hello.txt"
  destination_file = "top.txt"
}
