variable "datacenter" {
  description = "The name of the datacenter, which is the region."
  type        = string
}

variable "region" {
  description = "The name of the region, such as `eu-central`."
  type        = string
}

variable "zones" {
  description = <<-EOT
    The zones, by name:

    - `compute_cluster`: the name of the cluster, which is the zone if `hosts` is omitted.
    - `hosts`: the host group that is the zone, and the virtual machine group that a VM-Host rule keeps on it.
    - `datastore`, `network`: the names of the datastore and of the network of the machines.
    - `resource_pool`: the name or path of the resource pool. Defaults to the root resource pool of the cluster.
    - `folder`: the path of the folder, relative to the virtual machine folder of the datacenter.
  EOT
  type = map(object({
    compute_cluster = string
    datastore       = string
    network         = string
    hosts           = optional(object({ host_group_name = string, vm_group_name = string }))
    resource_pool   = optional(string)
    folder          = optional(string)
  }))
}

variable "region_category" {
  description = "The name of the tag category of regions."
  type        = string
  default     = "k8s-region"
}

variable "zone_category" {
  description = "The name of the tag category of zones."
  type        = string
  default     = "k8s-zone"
}

variable "configure_tags" {
  description = "Whether to create the tag categories and the tags, and to attach the tags. If `false`, they must exist, as with a user that cannot manage tags."
  type        = bool
  default     = true
}
