data "vsphere_role" "reader" {
  label = "Read-only"
}
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0/vm/team}}"
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = data.vsphere_role.reader.id
}
