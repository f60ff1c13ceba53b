# By the label in the vSphere Client. The name of this role is "ReadOnly".
data "vsphere_role" "read_only" {
  label = "Read-only"
}

output "privileges" {
  value = data.vsphere_role.read_only.role_privileges
}
