# An empty path.
resource "vsphere_folder" "f" {
  path          = ""
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
