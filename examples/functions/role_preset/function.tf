# A role from Kubermatic's vSphere documentation, with exactly the privileges that it lists.
resource "vsphere_role" "vcenter" {
  name            = "k8c-user-vcenter"
  role_privileges = provider::vsphere::role_preset("kkp-001", "k8c-user-vcenter").privileges
}

# The entities to grant the role on: [{ entity_types = ["Folder"], object = "vCenter (root folder)", propagate = false }]
output "grants" {
  value = provider::vsphere::role_preset("kkp-001", "k8c-user-vcenter").grants
}
