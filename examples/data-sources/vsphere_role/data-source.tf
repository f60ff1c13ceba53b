# By the label that the vSphere Client shows: "Read-only" is the role ReadOnly.
data "vsphere_role" "read_only" {
  label = "Read-only"
}

output "privileges" {
  value = data.vsphere_role.read_only.role_privileges
}
