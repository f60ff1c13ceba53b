variable "name" {
  description = "The name of the load balancer, a DNS label."
  type        = string
}

variable "backends" {
  description = "The addresses or DNS names of the API servers, by the name of the node. Other backends replace the load balancer."
  type        = map(string)

  validation {
    condition     = length(var.backends) > 0
    error_message = "At least one backend is required."
  }
}

variable "port" {
  description = "The port of the load balancer and of the API servers."
  type        = number
  default     = 6443
}

variable "placement" {
  description = "Where the load balancer is placed, such as one of `placements` of the module `failure-domains`."
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
  description = "A template with HAProxy and cloud-init."
  type        = object({ id = string, guest_id = string, firmware = string })
}

variable "network" {
  description = "The static address of the load balancer. If omitted, DHCP is used."
  type        = object({ address = string, gateway = string, dns_servers = optional(list(string), []) })
  default     = null
}

variable "ssh_public_keys" {
  description = "The SSH public keys of the default user of the image."
  type        = list(string)
  default     = []
}

variable "wait_for_guest_net_timeout" {
  description = "The number of minutes to wait for an IP address. `0` disables waiting."
  type        = number
  default     = 5
}
