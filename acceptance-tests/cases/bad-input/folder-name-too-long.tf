# A name that vSphere does not take.
resource "vsphere_folder" "f" {
  path          = "team/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
