variable "name" {
  description = "The name of the node pool, a DNS label. The names of the nodes begin with it."
  type        = string
}

variable "replicas" {
  description = "The number of nodes."
  type        = number
  default     = 3
}

variable "template" {
  description = "The template of the nodes, for one version of Kubernetes."
  type        = object({ id = string, guest_id = string, firmware = string })
}

variable "new_template" {
  description = "The template of the next version. Required if `upgraded` is greater than 0."
  type        = object({ id = string, guest_id = string, firmware = string })
  default     = null

  validation {
    condition     = var.new_template != null || var.upgraded == 0
    error_message = "An upgrade requires new_template."
  }
}

variable "upgraded" {
  description = "The number of nodes with the new template. Raise it step by step; when all nodes are upgraded, make the new template the `template`, and set this to 0 again."
  type        = number
  default     = 0

  validation {
    condition     = var.upgraded >= 0 && var.upgraded <= var.replicas
    error_message = "upgraded must be from 0 to the number of replicas."
  }
}

variable "placements" {
  description = "The failure domains, as in `placements` of the module `failure-domains`."
  type = map(object({
    resource_pool_id   = string
    datastore_id       = string
    network_id         = string
    folder             = optional(string)
    compute_cluster_id = optional(string)
    vm_group_name      = optional(string)
  }))
}

variable "num_cpus" {
  description = "The number of virtual CPUs of each node."
  type        = number
  default     = 2
}

variable "memory" {
  description = "The memory of each node, in MiB."
  type        = number
  default     = 4096
}

variable "ssh_public_keys" {
  description = "The SSH public keys of the default user of the image."
  type        = list(string)
  default     = []
}

variable "files" {
  description = "The files that cloud-init writes."
  type        = list(object({ path = string, content = string, permissions = optional(string, "0644") }))
  default     = []
}

variable "commands" {
  description = "The commands of the first boot, such as `kubeadm join …`."
  type        = list(string)
  default     = []
  sensitive   = true
}

variable "wait_for_guest_net_timeout" {
  description = "The number of minutes to wait for an IP address of each node. `0` disables waiting."
  type        = number
  default     = 5
}
