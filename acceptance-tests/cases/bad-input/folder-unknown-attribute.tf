# A custom attribute that there is not.
# command: apply
resource "vsphere_folder" "f" {
  path              = "bench"
  type              = "vm"
  datacenter_id     = "{{moid /DC0}}"
  custom_attributes = { "4711" = "x" }
}
