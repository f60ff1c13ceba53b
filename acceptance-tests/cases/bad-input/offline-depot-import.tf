# A depot that vCenter does not have.
import {
  to = vsphere_offline_software_depot.d
  id = "https://files.example.com/depot.zip"
}

resource "vsphere_offline_software_depot" "d" {
  location = "https://files.example.com/depot.zip"
}
