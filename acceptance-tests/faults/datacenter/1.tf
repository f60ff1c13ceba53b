resource "vsphere_folder" "f" {
  path = "team"
  type = "datacenter"
}
resource "vsphere_datacenter" "dc" {
  name   = "second"
  folder = vsphere_folder.f.path
}
