resource "vsphere_datacenter" "dc" {
  name = "DC 1/3 50%"
}
resource "vsphere_folder" "of_dcs" {
  path = "x%2fz 50%"
}
resource "vsphere_datacenter" "inside" {
  name   = "in/6%"
  folder = "x%2fz 50%"
}
resource "vsphere_folder" "f" {
  path = "a%2fc 50%"
}
resource "vsphere_resource_pool" "p" {
  name = "p/51%"
}
resource "vsphere_virtual_machine" "vm" {
  name   = "w/51%25"
  folder = "a%2fc 50%"
}
