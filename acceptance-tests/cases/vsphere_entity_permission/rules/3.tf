data "vsphere_role" "reader" {
  label = "Read-only"
}
data "vsphere_role" "admin" {
  label = "Administrator"
}

resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0/vm/team}}"
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = data.vsphere_role.reader.id
}
resource "vsphere_entity_permission" "b" {
  entity_id     = "{{moid /DC0/vm/team}}"
  user_or_group = "caadmins@vsphere.local"
  is_group      = true
  role_id       = data.vsphere_role.admin.id
}
