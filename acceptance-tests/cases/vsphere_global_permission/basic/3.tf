resource "vsphere_global_permission" "users" {
  role_id   = "-2"
  propagate = false
}
