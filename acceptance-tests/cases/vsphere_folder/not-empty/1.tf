resource "vsphere_folder" "f" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "other" {
  path          = "other"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
