data "vsphere_role" "read_only" {
  label = "Read-only"
}

# The auditors can read all objects of vCenter, including those that are not in the inventory.
resource "vsphere_global_permission" "auditors" {
  user_or_group = "auditors@vsphere.local"
  is_group      = true
  role_id       = data.vsphere_role.read_only.id
}
