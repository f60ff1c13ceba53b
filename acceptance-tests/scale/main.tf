# The scale workload of `cargo xtask bench`: roles and folders (a tag and a permission each), tags, and data sources.
# A plan of it without changes takes few requests; docs/benchmarks.md has the numbers.
terraform {
  required_providers {
    vsphere = { source = "vsphere-rs/vsphere" }
  }
}

variable "server" { default = "127.0.0.1:9443" }
variable "user" { default = "user" }
variable "password" {
  default   = "pass"
  sensitive = true
}
variable "n_roles" { default = 20 }
variable "n_tags" { default = 20 }

provider "vsphere" {
  user                 = var.user
  password             = var.password
  vsphere_server       = var.server
  allow_unverified_ssl = true
}

data "vsphere_datacenter" "dc" { name = "DC0" }

data "vsphere_compute_cluster" "c" {
  name          = "DC0_C0"
  datacenter_id = data.vsphere_datacenter.dc.id
}

data "vsphere_datastore" "ds" {
  name          = "LocalDS_0"
  datacenter_id = data.vsphere_datacenter.dc.id
}

data "vsphere_network" "n" {
  name          = "VM Network"
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["VirtualMachine", "Folder"]
}

resource "vsphere_tag" "t" {
  count       = var.n_tags
  name        = "t${count.index}"
  category_id = vsphere_tag_category.c.id
}

resource "vsphere_role" "r" {
  count           = var.n_roles
  name            = "bench-${count.index}"
  role_privileges = ["Datastore.AllocateSpace", "VirtualMachine.Config.AddNewDisk"]
}

resource "vsphere_folder" "f" {
  count         = var.n_roles
  path          = "bench-${count.index}"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.dc.id
  tags          = [vsphere_tag.t[count.index % var.n_tags].id]
}

resource "vsphere_entity_permissions" "p" {
  count       = var.n_roles
  entity_id   = vsphere_folder.f[count.index].id
  entity_type = "Folder"
  permissions {
    user_or_group = "root"
    propagate     = true
    is_group      = false
    role_id       = vsphere_role.r[count.index].id
  }
}
