# A role from Kubermatic's vSphere page, with exactly the privileges that are listed there.
resource "vsphere_role" "vcenter" {
  name            = "k8c-user-vcenter"
  role_privileges = provider::vsphere::role_preset("kkp-001", "k8c-user-vcenter").privileges
}

# Where to grant it: [{ entity_types = ["Folder"], object = "vCenter (root folder)", propagate = false }]
output "grants" {
  value = provider::vsphere::role_preset("kkp-001", "k8c-user-vcenter").grants
}
