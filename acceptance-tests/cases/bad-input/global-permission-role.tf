# A role that does not exist.
resource "vsphere_global_permission" "a" {
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "4711"
}
