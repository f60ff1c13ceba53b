# One datacenter per site, in a folder.
resource "vsphere_folder" "berlin" {
  path = "berlin"
  type = "datacenter"
}

resource "vsphere_datacenter" "dc1" {
  name   = "dc1"
  folder = vsphere_folder.berlin.path
}

# Other resources require the managed object ID of the datacenter, which is `moid`, not `id`.
resource "vsphere_folder" "templates" {
  path          = "templates"
  type          = "vm"
  datacenter_id = vsphere_datacenter.dc1.moid
}
