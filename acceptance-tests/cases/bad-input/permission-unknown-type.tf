# A type that there is not.
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0}}"
  entity_type   = "Server"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
