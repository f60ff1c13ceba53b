resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
resource "vsphere_global_permission" "users" {
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = vsphere_role.r.id
}
resource "vsphere_global_permission" "ann" {
  user_or_group = "VSPHERE.LOCAL\\ann"
  role_id       = vsphere_role.r.id
  propagate     = false
}
resource "vsphere_global_permission" "bare" {
  user_or_group = "bob"
  role_id       = vsphere_role.r.id
}
