resource "vsphere_entity_permission" "p" {
  for_each      = { datacenter = "{{moid /DC0}}", cluster = "{{moid /DC0/host/DC0_C0}}", host = "{{moid /DC0/host/DC0_H0}}" }
  entity_id     = each.value
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
resource "vsphere_entity_permissions" "p" {
  for_each    = { Datacenter = "{{moid /DC0}}", ClusterComputeResource = "{{moid /DC0/host/DC0_C0}}" }
  entity_id   = each.value
  entity_type = each.key
  permissions {
    user_or_group = "VSPHERE.LOCAL\\CAAdmins"
    is_group      = true
    propagate     = false
    role_id       = "-2"
  }
}
