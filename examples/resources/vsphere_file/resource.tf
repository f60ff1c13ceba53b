resource "vsphere_file" "iso" {
  datacenter         = "dc1"
  datastore          = "ssd1"
  source_file        = "${path.module}/os.iso"
  destination_file   = "iso/os.iso"
  create_directories = true
}

# A copy of the file on the same datastore.
resource "vsphere_file" "copy" {
  datacenter       = "dc1"
  datastore        = "ssd1"
  source_datastore = "ssd1"
  source_file      = vsphere_file.iso.destination_file
  destination_file = "iso/copy.iso"
}
