# Two global permissions of one principal.
resource "vsphere_global_permission" "a" {
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
resource "vsphere_global_permission" "b" {
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = "-5"
  # The second is planned last, and so is the one that the error names.
  depends_on = [vsphere_global_permission.a]
}
