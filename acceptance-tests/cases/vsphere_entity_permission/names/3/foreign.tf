resource "vsphere_entity_permission" "foreign" {
  entity_id     = "{{moid /DC0/host/DC0_C0}}"
  user_or_group = "bob@corp.example.com"
  role_id       = "-2"
}
