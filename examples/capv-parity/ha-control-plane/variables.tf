variable "name" {
  description = "The name of the control plane, a DNS label. The names of the nodes begin with it."
  type        = string
}

variable "replicas" {
  description = "The number of nodes: an odd number, because etcd requires a majority."
  type        = number
  default     = 3

  validation {
    condition     = contains([1, 3, 5, 7], var.replicas)
    error_message = "replicas must be 1, 3, 5 or 7."
  }
}

variable "placements" {
  description = "The failure domains, as in `placements` of the module `failure-domains`."
  type = map(object({
    resource_pool_id   = string
    datastore_id       = string
    network_id         = string
    folder             = optional(string)
    compute_cluster_id = string
    vm_group_name      = optional(string)
  }))

  validation {
    condition     = length(var.placements) > 0
    error_message = "At least one failure domain is required."
  }
}

variable "template" {
  description = "The template of the nodes."
  type        = object({ id = string, guest_id = string, firmware = string })
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

variable "networks" {
  description = "The static addresses of the nodes `<name>-0`, `<name>-1` and so on, as in `networks` of the module `static-ipam`. DHCP is used for the others."
  type        = map(object({ address = string, gateway = string, dns_servers = optional(list(string), []) }))
  default     = {}
}

variable "ssh_public_keys" {
  description = "The SSH public keys of the default user of the image."
  type        = list(string)
  default     = []
}

variable "files" {
  description = "The files that cloud-init writes, such as `files` of the modules `kube-vip` and `http-proxy`."
  type        = list(object({ path = string, content = string, permissions = optional(string, "0644") }))
  default     = []
}

variable "init_commands" {
  description = "The commands of the first node, such as `kubeadm init …`."
  type        = list(string)
  default     = []
  sensitive   = true
}

variable "join_commands" {
  description = "The commands of all other nodes, such as `kubeadm join … --control-plane`."
  type        = list(string)
  default     = []
  sensitive   = true
}

variable "wait_for_guest_net_timeout" {
  description = "The number of minutes to wait for an IP address of each node. `0` disables waiting."
  type        = number
  default     = 5
}
