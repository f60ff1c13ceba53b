# All roles of the source that are not predefined in vCenter.
resource "vsphere_role" "kkp" {
  for_each = { for name, role in provider::vsphere::role_presets("kkp-001") : name => role if !role.predefined }

  name                      = each.key
  role_privileges           = each.value.privileges
  ignore_unknown_privileges = true
}
