resource "vsphere_folder" "f" {
  path = "team"
  type = "datacenter"
}
resource "vsphere_datacenter" "dc" {
  name = "second"
  folder = vsphere_folder.f.path
}
resource "vsphere_folder" "inside" {
  path          = "inside"
  type          = "vm"
  datacenter_id = vsphere_datacenter.dc.moid
}
