variable "name" {
  description = "The beginning of the name of the machine, a DNS label. The name ends with five characters that depend on the template and on the data for the first boot."
  type        = string

  validation {
    condition     = provider::vsphere::is_dns_label(var.name) && length(var.name) <= 57
    error_message = "The name must be a DNS label of at most 57 characters: the host name begins with it."
  }
}

variable "placement" {
  description = "Where the machine is placed, such as one of `placements` of the module `failure-domains`."
  type = object({
    resource_pool_id   = string
    datastore_id       = string
    network_id         = string
    folder             = optional(string)
    compute_cluster_id = optional(string)
    vm_group_name      = optional(string)
  })
}

variable "template" {
  description = "The template, such as a `vsphere_virtual_machine_template`."
  type = object({
    id       = string
    guest_id = string
    firmware = string
  })
}

variable "num_cpus" {
  description = "The number of virtual CPUs."
  type        = number
  default     = 2
}

variable "memory" {
  description = "The memory, in MiB."
  type        = number
  default     = 4096
}

variable "disk_size" {
  description = "The size of the disk, in GiB. Defaults to that of the template."
  type        = number
  default     = null
}

variable "network" {
  description = "The static address of the machine, such as one of `networks` of the module `static-ipam`. If omitted, DHCP is used."
  type = object({
    address     = string
    gateway     = string
    dns_servers = optional(list(string), [])
  })
  default = null
}

variable "interface" {
  description = "The name of the network interface in the guest."
  type        = string
  default     = "ens192"
}

variable "ssh_public_keys" {
  description = "The SSH public keys of the default user of the image."
  type        = list(string)
  default     = []
}

variable "files" {
  description = "The files that cloud-init writes."
  type = list(object({
    path        = string
    content     = string
    permissions = optional(string, "0644")
  }))
  default = []
}

variable "commands" {
  description = "The commands of the first boot, such as `kubeadm join …`. They are in the state, as a sensitive value."
  type        = list(string)
  default     = []
  sensitive   = true
}

variable "wait_for_guest_net_timeout" {
  description = "The number of minutes to wait for an IP address. `0` disables waiting."
  type        = number
  default     = 5
}
