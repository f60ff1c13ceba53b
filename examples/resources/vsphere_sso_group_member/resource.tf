# Other members of the group are left alone.
resource "vsphere_sso_group_member" "monitoring" {
  group = "ReadOnlyUsers"
  name  = "monitoring"
}
