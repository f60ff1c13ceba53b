resource "vsphere_datacenter" "dc" {
  name = "DC 1%2F2 50%25"
}
resource "vsphere_folder" "of_dcs" {
  path = "/x%2Fy 50%25/"
}
resource "vsphere_datacenter" "inside" {
  name   = "in%2f5%25"
  folder = "/x%2Fy 50%25/"
}
resource "vsphere_folder" "f" {
  path = "a%2Fb 50%25"
}
resource "vsphere_resource_pool" "p" {
  name = "p%2f50%25"
}
resource "vsphere_virtual_machine" "vm" {
  name   = "w%2F50%"
  folder = "a%2Fb 50%25"
}
resource "vsphere_virtual_machine_snapshot" "s" {
  snapshot_name = "1%2f2 50%"
}
