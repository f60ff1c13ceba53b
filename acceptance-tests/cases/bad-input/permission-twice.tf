# Two grants of one principal on one entity.
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0}}"
  entity_type   = "Datacenter"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
resource "vsphere_entity_permission" "b" {
  entity_id     = "{{moid /DC0}}"
  entity_type   = "Datacenter"
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = "-5"
  # The second is planned last, and so is the one that the error names.
  depends_on = [vsphere_entity_permission.a]
}
