# The user cluster

variable "name" {
  description = "The name of the user cluster, a DNS label. It is the name of the folder, and the beginning of the host names of the worker nodes."
  type        = string

  validation {
    condition     = provider::vsphere::is_dns_label(var.name) && length(var.name) <= 40
    error_message = "The name must be a DNS label of at most 40 characters: the host names of the worker nodes begin with it."
  }
}

variable "tags" {
  description = "The names of the tags of the user cluster. All of them are attached to its worker nodes."
  type        = set(string)
  default     = []
}

variable "tag_category" {
  description = "An existing tag category for `tags`, such as a `vsphere_tag_category`. If omitted, the category `kkp-<name>` is created. KKP deletes the tags that it creates in the category with the user cluster: do not share it."
  type        = object({ id = string })
  default     = null
}

# Placement

variable "datacenter" {
  description = "The name of the datacenter, or its inventory path."
  type        = string
}

variable "compute_cluster" {
  description = "The name of the compute cluster that runs the worker nodes."
  type        = string
}

variable "network" {
  description = "The name of the network of the worker nodes."
  type        = string
}

variable "datastore" {
  description = "The name of the datastore of the worker nodes. Conflicts with `datastore_cluster`."
  type        = string
  default     = null

  validation {
    condition     = (var.datastore == null) != (var.datastore_cluster == null)
    error_message = "Exactly one of datastore and datastore_cluster must be set."
  }
}

variable "datastore_cluster" {
  description = "The name of the datastore cluster of the worker nodes. Storage DRS selects a datastore for each of them. A datastore cluster cannot be the default datastore for volumes."
  type        = string
  default     = null
}

variable "parent_folder" {
  description = "The parent of the folder of the user cluster, relative to the virtual machine folder of the datacenter, such as `kubernetes`. The parent must exist. Defaults to the virtual machine folder itself."
  type        = string
  default     = ""
}

variable "folder" {
  description = "The path of an existing folder for the worker nodes, relative to the virtual machine folder of the datacenter, such as `kubernetes/blue`. Use `vsphere_folder.….path` for a folder of the same configuration, so that the folder is destroyed after the worker nodes. If omitted, the folder `<name>` is created in `parent_folder`."
  type        = string
  default     = null

  validation {
    condition     = var.folder == null || var.parent_folder == ""
    error_message = "parent_folder is for a folder that this module creates: remove parent_folder or folder."
  }
}

# The template: one of the three

variable "template" {
  description = "The template of the worker nodes, as in `templates` and `cluster_templates` of the module `kkp-images`."
  type = object({
    id       = string
    name     = string
    guest_id = string
    firmware = string
  })
  default = null

  validation {
    condition     = length([for set in [var.template != null, var.template_path != null, var.ova != null] : set if set]) == 1
    error_message = "Exactly one of template, template_path and ova must be set."
  }
}

variable "template_path" {
  description = "The inventory path of an existing template, such as `/dc1/vm/kubernetes-templates/ubuntu-22.04`."
  type        = string
  default     = null

  validation {
    condition     = var.template_path == null || startswith(coalesce(var.template_path, "/"), "/")
    error_message = "template_path must be an inventory path, such as /dc1/vm/kubernetes-templates/ubuntu-22.04."
  }
}

variable "ova" {
  description = "An OVA, to create a template in the folder of the user cluster: `source` is its URL or the path of a file on the system that runs Terraform, and `ovf_network` is the name of its network."
  type = object({
    source      = string
    ovf_network = optional(string, "VM Network")
  })
  default = null
}

# Worker nodes

variable "pools" {
  description = <<-EOT
    The worker nodes, by the name of their pool:

    - `replicas`: the number of worker nodes.
    - `num_cpus`, `memory`: the virtual CPUs, and the memory in MiB.
    - `disk_size`: the size of the disk, in GiB. Defaults to that of the template.
    - `addresses`: the static IPv4 addresses, such as `["10.0.10.11/24"]`, one for each worker node. If empty, DHCP is used.
  EOT
  type = map(object({
    replicas  = optional(number, 1)
    num_cpus  = optional(number, 2)
    memory    = optional(number, 4096)
    disk_size = optional(number)
    addresses = optional(list(string), [])
  }))
  default = { pool = {} }

  validation {
    condition     = alltrue([for name, _ in var.pools : provider::vsphere::is_dns_label(name) && length(name) <= 18])
    error_message = "The name of a pool must be a DNS label of at most 18 characters: the host names of its worker nodes contain it."
  }

  validation {
    condition     = alltrue([for p in var.pools : p.replicas >= 0 && p.replicas <= 999 && floor(p.replicas) == p.replicas])
    error_message = "replicas must be a whole number from 0 to 999."
  }

  validation {
    condition     = alltrue([for p in var.pools : p.num_cpus >= 1 && p.memory >= 4 && p.memory % 4 == 0])
    error_message = "num_cpus must be at least 1, and memory must be a multiple of 4."
  }

  validation {
    condition     = alltrue([for p in var.pools : length(p.addresses) == 0 || length(p.addresses) >= p.replicas])
    error_message = "A pool must have a static address for each of its replicas, or none."
  }

  validation {
    condition     = alltrue(flatten([for p in var.pools : [for a in p.addresses : can(cidrnetmask(a))]]))
    error_message = "An address must be an IPv4 address with its prefix length, such as 10.0.10.11/24."
  }
}

variable "gateway" {
  description = "The IPv4 default gateway. Required if a pool has static addresses."
  type        = string
  default     = null

  validation {
    condition     = var.gateway != null || alltrue([for p in var.pools : length(p.addresses) == 0])
    error_message = "Static addresses require a gateway."
  }
}

variable "dns_servers" {
  description = "The DNS servers for static addresses."
  type        = list(string)
  default     = []
}

variable "interface" {
  description = "The name of the network interface in the guest."
  type        = string
  default     = "ens192"
}

variable "bootstrap" {
  description = "How the data for the first boot reaches the guest: `guestinfo`, which cloud-init 21.3 and later reads; `iso`, a `cloud-init.iso` in the CD-ROM drive, as KKP does for Ubuntu and CentOS; or `ignition`, an Ignition configuration in the extra config, for Flatcar."
  type        = string
  default     = "guestinfo"

  validation {
    condition     = contains(["guestinfo", "iso", "ignition"], var.bootstrap)
    error_message = "bootstrap must be guestinfo, iso or ignition."
  }
}

variable "iso_datastore" {
  description = "The name of the datastore of the ISO images, if `bootstrap` is `iso`. Defaults to `datastore`."
  type        = string
  default     = null

  validation {
    condition     = var.bootstrap != "iso" || var.iso_datastore != null || var.datastore != null
    error_message = "With a datastore cluster, bootstrap = \"iso\" requires iso_datastore: an ISO image is uploaded to a datastore."
  }
}

variable "ssh_public_keys" {
  description = "The SSH public keys of the default user of the image, or of `core` with Ignition."
  type        = list(string)
  default     = []
}

variable "bootstrap_commands" {
  description = "The commands of the first boot, such as `kubeadm join …`. They are in the state, as a sensitive value."
  type        = list(string)
  default     = []
  sensitive   = true
}

variable "vendor_data" {
  description = "The cloud-init vendor data, such as `vmxnet3_cloud_config` of the module `kkp-images`. If omitted, worker nodes keep the vendor data of the template. Not available with Ignition."
  type        = string
  default     = null

  validation {
    condition     = var.vendor_data == null || var.bootstrap != "ignition"
    error_message = "Ignition does not have vendor data: remove vendor_data, or set another bootstrap."
  }
}

variable "wait_for_guest_net_timeout" {
  description = "The number of minutes to wait for an IP address of each worker node. `0` disables waiting."
  type        = number
  default     = 5
}
