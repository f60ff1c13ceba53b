resource "vsphere_folder" "f" {
  path = "team"
  type = "datacenter"
}
resource "vsphere_datacenter" "dc" {
  name = "second"
}
resource "vsphere_folder" "inside" {
  path          = "inside"
  type          = "vm"
  datacenter_id = vsphere_datacenter.dc.moid
}
