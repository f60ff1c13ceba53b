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
  user_or_group = "VSPHERE.LOCAL\\USERS"
  is_group      = true
  role_id       = data.vsphere_role.admin.id
  # What is to be made is refused, and what is there is not: the plan of the second comes last.
  depends_on = [vsphere_entity_permission.a]
}
