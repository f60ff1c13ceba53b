resource "vsphere_global_permission" "auditors" {
  user_or_group = "auditors@vsphere.local"
  is_group      = true
  role_id       = vsphere_role.r.id
}
