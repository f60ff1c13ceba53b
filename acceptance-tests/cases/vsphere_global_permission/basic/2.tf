resource "vsphere_global_permission" "users" {
  user_or_group = "VSPHERE.LOCAL\\Users"
}
