# A principal that there is not.
# command: apply
resource "vsphere_entity_permissions" "p" {
  entity_id   = "{{moid /DC0}}"
  entity_type = "Datacenter"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Unknown"
    is_group      = true
    propagate     = true
    role_id       = "-2"
  }
}
