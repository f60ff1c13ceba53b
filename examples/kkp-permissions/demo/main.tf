# The module on the inventory that the simulated vCenter starts with: two user clusters of two teams in one datacenter.
# `cargo xtask demo` runs it.

terraform {
  required_version = ">= 1.9"

  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}

# If omitted, the provider takes these from VSPHERE_SERVER, VSPHERE_USER and VSPHERE_PASSWORD.

variable "server" {
  description = "The vCenter, as host or host:port."
  type        = string
  default     = null
}

variable "user" {
  description = "An administrator of the vCenter."
  type        = string
  default     = null
}

variable "password" {
  description = "The administrator's password."
  type        = string
  default     = null
  sensitive   = true
}

variable "kkp_doc" {
  description = "The edition of Kubermatic's page: `kkp-000`, `kkp-001`, `kkp-002` or `kkp-v2.26`."
  type        = string
  default     = "kkp-001"
}

variable "shared_credentials" {
  description = "One set of credentials instead of two."
  type        = bool
  default     = false
}

variable "datastore_clusters" {
  description = "The datastore clusters of the inventory; `[\"DC0_POD0\"]` where the simulator was started with one."
  type        = set(string)
  default     = []
}

variable "check_privileges" {
  description = "Ask the vCenter whether the users may do what they must."
  type        = bool
  default     = true
}

# The simulated vCenter has a self-signed certificate.
provider "vsphere" {
  vsphere_server       = var.server
  user                 = var.user
  password             = var.password
  allow_unverified_ssl = true
}

module "kkp" {
  source = "../"

  kkp_doc            = var.kkp_doc
  shared_credentials = var.shared_credentials
  storage_user       = var.shared_credentials ? null : { name = "cust-ccm-cluster@vsphere.local" }
  infra_user         = { name = "cust-infra-user-cluster@vsphere.local" }

  # On the datacenter, one of these propagates and the other does not: a group for each. The users are in the groups.
  two_roles = var.shared_credentials ? "objects" : "groups"
  principal_per_role = var.kkp_doc != "kkp-001" || var.shared_credentials ? {} : {
    "k8c-user-datacenter" = { name = "kkp-user-datacenter@vsphere.local" }
    "k8c-user-tags"       = { name = "kkp-user-tags@vsphere.local" }
  }

  datacenter           = "DC0"
  compute_clusters     = ["DC0_C0"]
  networks             = ["VM Network", "DC0_DVPG0"]
  distributed_switches = ["DVS0"]
  datastores           = ["LocalDS_0"]
  default_datastore    = "LocalDS_0"
  datastore_clusters   = var.datastore_clusters

  clusters = {
    # Team blue has credentials of its own for what runs inside its cluster.
    blue = {
      storage_user = var.shared_credentials ? null : { name = "cust-ccm-blue@vsphere.local" }
      tags         = ["team-blue", "production"]
    }
    # Team green uses the common ones.
    green = {
      tags = ["team-green"]
    }
  }

  server         = coalesce(var.server, "vcenter.example.com")
  allow_insecure = true
  templates      = { ubuntu = "ubuntu-22.04" }
  passwords = {
    "cust-ccm-blue@vsphere.local"           = "demo-blue"
    "cust-ccm-cluster@vsphere.local"        = "demo-ccm"
    "cust-infra-user-cluster@vsphere.local" = "demo-infra"
  }

  check_privileges = var.check_privileges
}

output "grants" {
  description = "One line per permission: the object, the principal, the role, and whether it propagates."
  value = [
    for place, g in module.kkp.grants :
    "${place}: ${g.granted}${g.propagate ? ", propagated" : ""}"
  ]
}

output "merged_roles" {
  description = "The roles that replace several, because one principal needs them on one entity."
  value       = module.kkp.merged_roles
}

output "cloud_configs" {
  description = "The cloud-config of each user cluster."
  value       = module.kkp.cloud_configs
  sensitive   = true
}

output "seed_snippet" {
  description = "The datacenter for the Seed."
  value       = module.kkp.seed_snippet
  sensitive   = true
}

output "cluster_snippets" {
  description = "The cloud part of each user cluster."
  value       = module.kkp.cluster_snippets
}
