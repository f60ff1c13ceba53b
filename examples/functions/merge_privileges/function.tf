locals {
  kkp = provider::vsphere::role_presets("kkp-001")
}

# vSphere keeps one role per principal and entity: this role combines two.
resource "vsphere_role" "datacenter" {
  name = "k8c-user-datacenter+k8c-user-tags"
  role_privileges = provider::vsphere::merge_privileges(
    local.kkp["k8c-user-datacenter"].privileges,
    local.kkp["k8c-user-tags"].privileges,
  )
}
