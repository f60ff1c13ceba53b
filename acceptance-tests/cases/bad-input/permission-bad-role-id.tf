# A role id that is none.
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0}}"
  entity_type   = "Datacenter"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "Read-only"
}
