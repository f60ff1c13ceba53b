# Which roles

variable "kkp_doc" {
  description = "The edition of Kubermatic's vSphere page whose roles are created: `kkp-000` (Seed spec, tested with vSphere 6.7), `kkp-001` (external CCM and CSI, KKP 2.18 and vSphere 7.0.2 or later), `kkp-002` (datacenters.yaml, tested with vSphere 6.7) or `kkp-v2.26` (the page of KKP 2.26, tested with vSphere 8.0.2)."
  type        = string
  default     = "kkp-001"

  validation {
    condition     = contains(["kkp-000", "kkp-001", "kkp-002", "kkp-v2.26"], var.kkp_doc)
    error_message = "kkp_doc is kkp-000, kkp-001, kkp-002 or kkp-v2.26."
  }
}

variable "role_prefix" {
  description = "Put in front of every role's name. Role names are unique in a vCenter: two installations in one vCenter need different prefixes; for a second datacenter of one installation see `first`."
  type        = string
  default     = ""
}

variable "first" {
  description = "For a second datacenter of the same vCenter: the module of the first, `first = module.dc1`. Its roles are used, and what it has granted to the same users on the vCenter itself is not granted again."
  type = object({
    role_ids = map(string)
    grants   = map(object({ entity = string }))
  })
  default = null
}

variable "two_roles" {
  description = "What to do where one principal needs two roles on one entity, of which one propagates and the other does not (`k8c-user-datacenter` and `k8c-user-tags` of kkp-001): `groups` asks for a group for each role, in `principal_per_role`; `objects` grants the propagating one on every object below on which the principal has a role."
  type        = string
  default     = "groups"

  validation {
    condition     = contains(["groups", "objects"], var.two_roles)
    error_message = "two_roles is groups or objects."
  }
}

variable "ignore_unknown_privileges" {
  description = "Leave out, with a warning, the privileges that this vCenter does not know. `VirtualMachine.Config.Unlock`, which `k8c-user-folder-propagate` lists, is unknown to newer versions."
  type        = bool
  default     = true
}

# Who gets them

variable "storage_user" {
  description = "The principal for Kubernetes' storage and cloud provider: the seed user of kkp-000 and kkp-002, the CCM/CSI user of kkp-001. `name` is `user@domain` or `DOMAIN\\user`. Null where `shared_credentials` is true."
  type = object({
    name     = string
    is_group = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.shared_credentials == (var.storage_user == null)
    error_message = "storage_user is needed, except with shared_credentials, where infra_user gets its roles."
  }

  validation {
    condition     = can(regex("^([^@\\\\:]+@[^@\\\\:]+|[^@\\\\:]+\\\\[^@\\\\:]+)$", try(var.storage_user.name, "a@b")))
    error_message = "The name of a principal is name@domain or DOMAIN\\name."
  }
}

variable "infra_user" {
  description = "The principal that creates and manages machines: the user-cluster user of kkp-000 and kkp-002, the infrastructure management user of kkp-001. `name` is `user@domain` or `DOMAIN\\user`."
  type = object({
    name     = string
    is_group = optional(bool, false)
  })

  validation {
    condition     = can(regex("^([^@\\\\:]+@[^@\\\\:]+|[^@\\\\:]+\\\\[^@\\\\:]+)$", var.infra_user.name))
    error_message = "The name of a principal is name@domain or DOMAIN\\name."
  }
}

variable "shared_credentials" {
  description = "One set of credentials for both purposes: `infra_user` gets the storage roles too."
  type        = bool
  default     = false
}

variable "principal_per_role" {
  description = "The principal, usually a group, that gets a role instead of the user, by the role's name in the document. With a group per role no roles have to be merged; the users' membership in the groups is kept elsewhere."
  type = map(object({
    name     = string
    is_group = optional(bool, true)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.principal_per_role), keys(provider::vsphere::role_presets(var.kkp_doc)))) == 0
    error_message = "principal_per_role names a role that this edition does not have. Its roles are ${join(", ", keys(provider::vsphere::role_presets(var.kkp_doc)))}."
  }
}

# On what

variable "datacenter" {
  description = "The datacenter's name, or its path if it is in a folder."
  type        = string
}

variable "compute_clusters" {
  description = "The compute clusters that run the machines, by name. The first one is the cluster of the Seed snippet."
  type        = list(string)

  validation {
    condition     = length(var.compute_clusters) > 0
    error_message = "At least one compute cluster is needed."
  }
}

variable "networks" {
  description = "The networks of the virtual machines, by name: standard networks and distributed port groups."
  type        = set(string)
}

variable "distributed_switches" {
  description = "The distributed switches that the port groups of `networks` belong to, by name. kkp-002 grants nothing on switches."
  type        = set(string)
  default     = []
}

variable "propagate_networks" {
  description = "Whether the grants on networks and distributed switches propagate. No edition of the document says it; without propagation a grant on a switch does not reach port groups that are not listed in `networks`."
  type        = bool
  default     = false
}

variable "datastores" {
  description = "The datastores for machines and volumes, by name."
  type        = set(string)
}

variable "default_datastore" {
  description = "The datastore of volumes for which nothing else is said; one of `datastores`. It cannot be a datastore cluster: the cloud configuration has no place for one."
  type        = string

  validation {
    condition     = contains(var.datastores, var.default_datastore)
    error_message = "default_datastore is one of datastores. A datastore cluster cannot be the default: the cloud configuration has no place for one."
  }
}

variable "datastore_clusters" {
  description = "The datastore clusters for machines, by name."
  type        = set(string)
  default     = []
}

variable "vm_folder" {
  description = "The folder of the user clusters' folders, below the datacenter's VM folder."
  type        = string
  default     = "kubernetes"
}

variable "template_folder" {
  description = "The folder of the templates, below the datacenter's VM folder."
  type        = string
  default     = "kubernetes-templates"

  validation {
    condition     = trim(var.template_folder, "/") != trim(var.vm_folder, "/")
    error_message = "vm_folder and template_folder are two folders; one may be below the other."
  }
}

variable "create_folders" {
  description = "Create `vm_folder` and `template_folder`; false if they exist and are managed elsewhere."
  type        = bool
  default     = true
}

# User clusters

variable "clusters" {
  description = <<-EOT
    The user clusters, by name. Each gets a folder below `vm_folder`, a tag category of its own, and the tags given.

    - `storage_user`, `infra_user`: principals of this cluster alone. Their grants on "VM Folder" are made on the cluster's folder. Left out, the principals above serve the cluster.
    - `datastore`: the cluster's datastore, one of `datastores`. Left out, it is `default_datastore`.
    - `datastore_cluster`: the datastore cluster of the cluster's machines, one of `datastore_clusters`, instead of a datastore.
    - `tags`: the names of the tags; all are attached to the cluster's folder.
  EOT
  type = map(object({
    storage_user = optional(object({
      name     = string
      is_group = optional(bool, false)
    }))
    infra_user = optional(object({
      name     = string
      is_group = optional(bool, false)
    }))
    datastore         = optional(string)
    datastore_cluster = optional(string)
    tags              = optional(set(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for c in var.clusters : c.datastore == null || contains(var.datastores, coalesce(c.datastore, "-"))])
    error_message = "The datastore of a cluster is one of datastores."
  }

  validation {
    condition     = alltrue([for c in var.clusters : c.datastore_cluster == null || contains(var.datastore_clusters, coalesce(c.datastore_cluster, "-"))])
    error_message = "The datastore_cluster of a cluster is one of datastore_clusters."
  }

  validation {
    condition     = alltrue([for c in var.clusters : c.datastore == null || c.datastore_cluster == null])
    error_message = "A cluster has a datastore or a datastore_cluster, not both."
  }

  validation {
    condition     = alltrue([for name, _ in var.clusters : length(name) <= 76 && can(regex("^[^/%\\\\[:space:]]+$", name))])
    error_message = "The name of a cluster is that of a folder and of a tag category: up to 76 characters, without blanks, slashes, backslashes and percent signs."
  }

  validation {
    condition     = alltrue(flatten([for c in var.clusters : [for u in [c.storage_user, c.infra_user] : u == null || can(regex("^([^@\\\\:]+@[^@\\\\:]+|[^@\\\\:]+\\\\[^@\\\\:]+)$", try(u.name, "")))]]))
    error_message = "The name of a principal is name@domain or DOMAIN\\name."
  }

  validation {
    condition     = !var.shared_credentials || alltrue([for c in var.clusters : c.storage_user == null])
    error_message = "With shared_credentials a cluster has an infra_user only: it gets the storage roles too."
  }
}

# For the snippets

variable "server" {
  description = "The vCenter as KKP is to reach it: a name or an address, without a scheme."
  type        = string
}

variable "allow_insecure" {
  description = "Whether KKP accepts a certificate that it cannot verify."
  type        = bool
  default     = false
}

variable "passwords" {
  description = "Passwords for the snippets, by the principal's name as it is given above. A principal without one gets an empty password."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "seed_datacenter" {
  description = "The key of the datacenter in the Seed (or in datacenters.yaml). Left out, it is the vSphere datacenter's name in lower case."
  type        = string
  default     = null
}

variable "templates" {
  description = "The template per operating system, for the Seed snippet: `{ ubuntu = \"ubuntu-22.04\" }`."
  type        = map(string)
  default     = {}
}

# Checks

variable "check_privileges" {
  description = "Ask vCenter, after the grants are made, what each user may do on each object, and warn if anything is missing. Groups cannot be asked about."
  type        = bool
  default     = false
}
