resource "vsphere_folder" "team" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "f" {
  path          = "${vsphere_folder.team.path}/web"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
