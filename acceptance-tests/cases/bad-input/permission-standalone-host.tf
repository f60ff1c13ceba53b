# A standalone host.
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
