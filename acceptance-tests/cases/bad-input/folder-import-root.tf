# A root folder of a datacenter, imported.
import {
  to = vsphere_folder.vm
  id = "/DC0/vm"
}
resource "vsphere_folder" "vm" {
  path          = "vm"
  type          = "vm"
  datacenter_id = "datacenter-2"
}
