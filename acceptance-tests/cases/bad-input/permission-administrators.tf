# A further role for an administrator.
# command: apply
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0}}"
  user_or_group = "VSPHERE.LOCAL\\Administrators"
  is_group      = true
  role_id       = "-2"
}
