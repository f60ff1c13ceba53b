# A path without a datastore
import {
  to = vsphere_file.f
  id = "iso/os.iso"
}

resource "vsphere_file" "f" {
  datastore        = "LocalDS_0"
  source_file      = "os.iso"
  destination_file = "iso/os.iso"
}
