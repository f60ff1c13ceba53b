# Datacenters stand in a folder of the vCenter, one per site.
resource "vsphere_folder" "berlin" {
  path = "berlin"
  type = "datacenter"
}

resource "vsphere_datacenter" "dc1" {
  name   = "dc1"
  folder = vsphere_folder.berlin.path
}

# Other resources want the managed object id, which is `moid` here and not `id`.
resource "vsphere_folder" "templates" {
  path          = "templates"
  type          = "vm"
  datacenter_id = vsphere_datacenter.dc1.moid
}
