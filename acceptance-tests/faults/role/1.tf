resource "vsphere_role" "r" {
  name            = "faults"
  role_privileges = ["Datastore.Browse"]
}
resource "vsphere_entity_permission" "p" {
  entity_id     = "{{moid /DC0}}"
  entity_type   = "Datacenter"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = vsphere_role.r.id
}
resource "vsphere_entity_permissions" "all" {
  entity_id   = "{{moid /DC0/host/DC0_C0}}"
  entity_type = "ClusterComputeResource"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = vsphere_role.r.id
  }
}
