# The root resource pool of a cluster.
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0/host/DC0_C0/Resources}}"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
