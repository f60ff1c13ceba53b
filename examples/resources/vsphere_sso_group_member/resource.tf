# Adds a user to a group. Other members of the group are not changed.
resource "vsphere_sso_group_member" "monitoring" {
  group = "ReadOnlyUsers"
  name  = "monitoring"
}
