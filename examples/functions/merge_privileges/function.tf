locals {
  kkp = provider::vsphere::role_presets("kkp-001")
}

# vCenter keeps one role per principal and entity, so this role combines the privileges of two roles.
resource "vsphere_role" "datacenter" {
  name = "k8c-user-datacenter+k8c-user-tags"
  role_privileges = provider::vsphere::merge_privileges(
    local.kkp["k8c-user-datacenter"].privileges,
    local.kkp["k8c-user-tags"].privileges,
  )
}
