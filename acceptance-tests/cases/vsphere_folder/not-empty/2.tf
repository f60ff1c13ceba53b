resource "vsphere_folder" "other" {
  path          = "other"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
