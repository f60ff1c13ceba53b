# Images

variable "kkp_doc" {
  description = "The edition of Kubermatic's vSphere page whose images are imported: `kkp-000` (CentOS 7, Flatcar, Ubuntu 18.04), `kkp-001` (CentOS 7, Flatcar, Ubuntu 20.04 and 22.04) or `kkp-002` (no list of images: set `more_images`)."
  type        = string
  default     = "kkp-001"

  validation {
    condition     = contains(["kkp-000", "kkp-001", "kkp-002"], var.kkp_doc)
    error_message = "kkp_doc must be kkp-000, kkp-001 or kkp-002."
  }
}

variable "names" {
  description = "The images of the edition to import, such as `[\"ubuntu-22.04\"]`. Defaults to all of them."
  type        = set(string)
  default     = null

  validation {
    condition     = var.names == null || length(setsubtract(coalesce(var.names, []), local.documents[var.kkp_doc])) == 0
    error_message = "names must be images of this edition: ${join(", ", local.documents[var.kkp_doc])}."
  }
}

variable "overrides" {
  description = <<-EOT
    Changes to the images of the edition, by name:

    - `source`: another URL, such as a mirror, or the path of a file on the system that runs Terraform.
    - `checksum`: the checksum of a QCOW2 image, such as `sha256:…`.
    - `disk_size`: the size of the disk, in GiB, if it is to be larger than the image.
    - `num_cpus`, `memory`: the virtual CPUs, and the memory in MiB.
    - `ovf_network`: the name of the network in the OVA. Defaults to `VM Network`.
    - `scsi_type`: the SCSI controller for a QCOW2 image. Defaults to `pvscsi`.
  EOT
  type = map(object({
    source      = optional(string)
    checksum    = optional(string)
    disk_size   = optional(number)
    num_cpus    = optional(number)
    memory      = optional(number)
    ovf_network = optional(string)
    scsi_type   = optional(string)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.overrides), local.documents[var.kkp_doc])) == 0
    error_message = "overrides must name images of this edition: ${join(", ", local.documents[var.kkp_doc])}."
  }

  validation {
    condition     = alltrue([for o in var.overrides : o.checksum == null || can(regex("^sha(1|256|384|512):[0-9a-fA-F]+$", o.checksum))])
    error_message = "A checksum must be a hash and hexadecimal digits, such as sha256:0a1b…"
  }
}

variable "more_images" {
  description = <<-EOT
    Images that the edition does not list, by name.

    - `os`: the operating system, as KKP names it: `ubuntu`, `centos`, `flatcar`, `rhel`, `rockylinux`.
    - `format`: `ova` or `qcow2`.
    - `source`: the URL, or the path of a file on the system that runs Terraform.
    - `guest_id`: the guest ID of a QCOW2 image, such as `rockylinux_64Guest`. An OVA contains its own.
    - `cloud_init`: whether the image has cloud-init. `false` for Flatcar, which has Ignition.
    - The other attributes are those of `overrides`.
  EOT
  type = map(object({
    os          = string
    format      = string
    source      = string
    guest_id    = optional(string)
    cloud_init  = optional(bool, true)
    checksum    = optional(string)
    disk_size   = optional(number)
    num_cpus    = optional(number)
    memory      = optional(number)
    ovf_network = optional(string, "VM Network")
    scsi_type   = optional(string, "pvscsi")
  }))
  default = {}

  validation {
    condition     = var.kkp_doc != "kkp-002" || length(var.more_images) > 0
    error_message = "kkp-002 has no list of images: set more_images, or another kkp_doc."
  }

  validation {
    condition     = length(setintersection(keys(var.more_images), local.documents[var.kkp_doc])) == 0
    error_message = "An image of this edition is changed with overrides, not with more_images: ${join(", ", local.documents[var.kkp_doc])}."
  }

  validation {
    condition     = alltrue([for i in var.more_images : contains(["ova", "qcow2"], i.format)])
    error_message = "The format of an image must be ova or qcow2."
  }

  validation {
    condition     = alltrue([for i in var.more_images : (i.format == "qcow2") == (i.guest_id != null)])
    error_message = "guest_id must be set for a QCOW2 image, and must not be set for an OVA, which contains it."
  }

  validation {
    condition     = alltrue([for i in var.more_images : i.checksum == null || i.format == "qcow2"])
    error_message = "Only a QCOW2 image can have a checksum."
  }
}

variable "enable_disk_uuid" {
  description = "Whether the templates have `disk.enableUUID`, which the vSphere storage driver requires. Defaults to what the edition asks for: `true` for `kkp-000` and `kkp-002`, and the setting of the image for `kkp-001`."
  type        = bool
  default     = null
}

variable "vmxnet3_offload_off" {
  description = "Whether the templates contain `vmxnet3-offload-off.yaml` as cloud-init vendor data. Defaults to `true` for `kkp-001`, the edition that describes the problem, and to `false` for the others. Images without cloud-init never contain it."
  type        = bool
  default     = null
}

variable "snapshot_name" {
  description = "The name of a snapshot of each template, for linked clones. If omitted, no snapshot is taken."
  type        = string
  default     = null
}

# Placement

variable "datacenter" {
  description = "The name of the datacenter, or its inventory path."
  type        = string
}

variable "compute_cluster" {
  description = "The name of the compute cluster that receives the images."
  type        = string
}

variable "datastore" {
  description = "The name of the datastore of the templates: that of the worker nodes, so that a clone stays on it."
  type        = string
}

variable "network" {
  description = "The name of the network of the templates: that of the worker nodes without a dedicated network."
  type        = string
}

variable "folder" {
  description = "The folder of the templates, relative to the virtual machine folder of the datacenter."
  type        = string
  default     = "kubernetes-templates"
}

variable "create_folder" {
  description = "Whether to create `folder`. Set this to `false` if the folder exists, such as that of the module `kkp-permissions`."
  type        = bool
  default     = true
}

variable "disk_folder" {
  description = "The folder of the disks of QCOW2 images, on the datastore."
  type        = string
  default     = "kkp-images"
}

variable "name_prefix" {
  description = "A prefix for the name of each template."
  type        = string
  default     = ""
}

# User clusters

variable "clusters" {
  description = <<-EOT
    User clusters with a dedicated network, by name. Each gets a template of its own for each image, named `<image>-<cluster>`.

    - `network`: the name of the network.
    - `images`: the names of the images. Defaults to all.
    - `disk_size`: the size of the disk, in GiB. Defaults to that of the image's template.
  EOT
  type = map(object({
    network   = string
    images    = optional(set(string))
    disk_size = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for c in var.clusters : length(setsubtract(coalesce(c.images, []), keys(local.images))) == 0])
    error_message = "The images of a cluster must be images of this module: ${join(", ", keys(local.images))}."
  }

  validation {
    condition     = alltrue([for name, _ in var.clusters : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", name))])
    error_message = "The name of a cluster must consist of lowercase letters, digits and hyphens."
  }
}
