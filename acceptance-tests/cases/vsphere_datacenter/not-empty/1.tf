resource "vsphere_folder" "other" {
  path = "other"
  type = "datacenter"
}
resource "vsphere_datacenter" "dc" {
  name = "second"
}
