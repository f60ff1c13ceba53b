# An empty principal.
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0}}"
  entity_type   = "Datacenter"
  user_or_group = ""
  is_group      = true
  role_id       = "-2"
}
