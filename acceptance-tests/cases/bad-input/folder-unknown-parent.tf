# A parent that there is not.
# command: apply
resource "vsphere_folder" "f" {
  path          = "no/such/parent"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
