# The folder of the virtual machines of a datacenter: it has the permissions of the datacenter.
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0/vm}}"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
