resource "vsphere_folder" "vm" {
  path          = "team-b"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "child" {
  path          = "${vsphere_folder.vm.path}/child"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "host" {
  path          = "team"
  type          = "host"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "network" {
  path          = "team"
  type          = "network"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "datastore" {
  path          = "team"
  type          = "datastore"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "datacenter" {
  path = "team"
  type = "datacenter"
}
