# One set of roles, for the vCenter that the caller's provider is connected to.

terraform {
  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}

variable "kkp_doc" {
  description = "The document that the roles come from."
  type        = string
}

resource "vsphere_role" "this" {
  for_each = { for name, role in provider::vsphere::role_presets(var.kkp_doc) : name => role if !role.predefined }

  name                      = each.key
  role_privileges           = each.value.privileges
  ignore_unknown_privileges = true
}

# Read back from vCenter by label, which makes sure that a role is not read before it is created.
data "vsphere_role" "this" {
  for_each = vsphere_role.this
  label    = each.value.label
}

output "privileges" {
  description = "What each role holds, as the vCenter says."
  value       = { for name, role in data.vsphere_role.this : name => toset(role.role_privileges) }
}
