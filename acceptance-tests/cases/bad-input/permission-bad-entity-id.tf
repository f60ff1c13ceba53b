# An entity id that is none.
resource "vsphere_entity_permission" "a" {
  entity_id     = "/DC0/vm"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
