# One set of roles in two vCenters, and a check that the roles match.

terraform {
  required_version = ">= 1.8"

  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}

variable "vcenters" {
  description = "The two vCenters. Users and roles belong to each vCenter by itself."
  type = object({
    berlin = object({ server = string, user = string, allow_unverified_ssl = optional(bool, false) })
    munich = object({ server = string, user = string, allow_unverified_ssl = optional(bool, false) })
  })
}

variable "passwords" {
  description = "The users' passwords."
  type        = object({ berlin = string, munich = string })
  sensitive   = true
}

variable "kkp_doc" {
  description = "The document that the roles come from."
  type        = string
  default     = "kkp-001"
}

provider "vsphere" {
  alias                = "berlin"
  vsphere_server       = var.vcenters.berlin.server
  user                 = var.vcenters.berlin.user
  password             = var.passwords.berlin
  allow_unverified_ssl = var.vcenters.berlin.allow_unverified_ssl
}

provider "vsphere" {
  alias                = "munich"
  vsphere_server       = var.vcenters.munich.server
  user                 = var.vcenters.munich.user
  password             = var.passwords.munich
  allow_unverified_ssl = var.vcenters.munich.allow_unverified_ssl
}

module "berlin" {
  source    = "./roles"
  kkp_doc   = var.kkp_doc
  providers = { vsphere = vsphere.berlin }
}

module "munich" {
  source    = "./roles"
  kkp_doc   = var.kkp_doc
  providers = { vsphere = vsphere.munich }
}

locals {
  differences = {
    for name, privileges in module.berlin.privileges : name => {
      berlin_only = sort(setsubtract(privileges, module.munich.privileges[name]))
      munich_only = sort(setsubtract(module.munich.privileges[name], privileges))
    }
    if privileges != module.munich.privileges[name]
  }
}

check "no_drift" {
  assert {
    condition     = length(local.differences) == 0
    error_message = "The roles differ: ${jsonencode(local.differences)}"
  }
}

output "differences" {
  description = "The roles that are not the same in both vCenters; none if all is well."
  value       = local.differences
}

output "roles" {
  description = "How many privileges each role holds in both."
  value       = { for name, privileges in module.berlin.privileges : name => length(privileges) }
}
