resource "vsphere_entity_permission" "bare" {
  entity_id     = "{{moid /DC0}}"
  user_or_group = "ann"
  is_group      = false
  role_id       = "-2"
}
resource "vsphere_entity_permission" "alias" {
  entity_id     = "{{moid /DC0}}"
  user_or_group = "BOB@corp.example.com"
  is_group      = false
  role_id       = "-2"
}
resource "vsphere_entity_permission" "group" {
  entity_id     = "{{moid /DC0}}"
  user_or_group = "Team"
  is_group      = true
  role_id       = "-2"
}
resource "vsphere_entity_permissions" "p" {
  entity_id   = "{{moid /DC0/datastore/LocalDS_0}}"
  entity_type = "Datastore"
  permissions {
    user_or_group = "bob@corp.example.com"
    is_group      = false
    propagate     = true
    role_id       = "-2"
  }
}
