data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "vms" {
  name = "/dc1/network/VM Network"
}

data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "rack1" {
  for_each      = toset(["esx1.example.com", "esx2.example.com"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A compute policy applies to the virtual machines with its tag.
resource "vsphere_tag_category" "tier" {
  name             = "tier"
  cardinality      = "SINGLE"
  associable_types = ["VirtualMachine"]
}

resource "vsphere_tag" "database" {
  name        = "database"
  category_id = vsphere_tag_category.tier.id
}

# The terms of `spec.affinity`.
variable "terms" {
  type = list(object({
    kind         = string
    verb         = string
    topology_key = string
  }))

  default = [
    {
      kind         = "vmAffinity"
      verb         = "preferredDuringSchedulingPreferredDuringExecution"
      topology_key = "topology.kubernetes.io/zone"
    },
    {
      kind         = "vmAntiAffinity"
      verb         = "requiredDuringSchedulingPreferredDuringExecution"
      topology_key = "kubernetes.io/hostname"
    },
  ]

  validation {
    condition     = alltrue([for t in var.terms : contains(["vmAffinity", "vmAntiAffinity"], t.kind)])
    error_message = "The kind must be vmAffinity or vmAntiAffinity."
  }
  validation {
    condition = alltrue([for t in var.terms : contains([
      "requiredDuringSchedulingPreferredDuringExecution", "preferredDuringSchedulingPreferredDuringExecution",
    ], t.verb)])
    error_message = "The verb must be requiredDuringSchedulingPreferredDuringExecution or preferredDuringSchedulingPreferredDuringExecution."
  }
  validation {
    condition     = alltrue([for t in var.terms : contains(["kubernetes.io/hostname", "topology.kubernetes.io/zone"], t.topology_key)])
    error_message = "The topology key must be kubernetes.io/hostname or topology.kubernetes.io/zone."
  }
  validation {
    condition     = alltrue([for t in var.terms : t.kind == "vmAntiAffinity" || t.topology_key == "topology.kubernetes.io/zone"])
    error_message = "With the topology key kubernetes.io/hostname, only vmAntiAffinity is supported."
  }
}

locals {
  # "kind topology_key" of all terms, and of those that an initial placement must comply with.
  terms    = [for t in var.terms : "${t.kind} ${t.topology_key}"]
  required = [for t in var.terms : "${t.kind} ${t.topology_key}" if startswith(t.verb, "required")]

  apart   = "vmAntiAffinity kubernetes.io/hostname"
  in_zone = "vmAffinity topology.kubernetes.io/zone"
}

# Required during scheduling: a host without the first virtual machine, and of the zone, here a rack.
data "vsphere_virtual_machine_placement" "second" {
  name                = "database-vm-2"
  compute_cluster_ids = [data.vsphere_compute_cluster.c1.id]
  datastore_ids       = [data.vsphere_datastore.ssd1.id]
  host_system_ids     = contains(local.required, local.in_zone) ? [for host in data.vsphere_host.rack1 : host.id] : null
  num_cpus            = 2
  memory              = 4096
  guest_id            = "ubuntu64Guest"
  disk_sizes          = [20]

  anti_affinity_virtual_machine_ids = contains(local.required, local.apart) ? [vsphere_virtual_machine.first.id] : null
}

resource "vsphere_virtual_machine" "first" {
  name             = "database-vm-1"
  tags             = [vsphere_tag.database.id]
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.vms.id
  }

  disk {
    label = "system"
    size  = 20
  }
}

resource "vsphere_virtual_machine" "second" {
  name             = "database-vm-2"
  tags             = [vsphere_tag.database.id]
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  host_system_id   = data.vsphere_virtual_machine_placement.second.host_system_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.vms.id
  }

  disk {
    label = "system"
    size  = 20
  }

  # A later recommendation does not move the virtual machine, and DRS can.
  lifecycle {
    ignore_changes = [host_system_id]
  }
}

locals {
  databases = [vsphere_virtual_machine.first.id, vsphere_virtual_machine.second.id]
}

# Preferred during execution: DRS keeps the virtual machines on different hosts if it can.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "database" {
  count = contains(local.terms, local.apart) ? 1 : 0

  name                = "database-apart"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = local.databases
  mandatory           = false
}

# On the hosts of the same zone.
resource "vsphere_compute_cluster_vm_group" "database" {
  name                = "database"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = local.databases
}

resource "vsphere_compute_cluster_host_group" "rack1" {
  name               = "rack1"
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  host_system_ids    = [for host in data.vsphere_host.rack1 : host.id]
}

resource "vsphere_compute_cluster_vm_host_rule" "database" {
  count = contains(local.terms, local.in_zone) ? 1 : 0

  name                     = "database-in-rack1"
  compute_cluster_id       = data.vsphere_compute_cluster.c1.id
  vm_group_name            = vsphere_compute_cluster_vm_group.database.name
  affinity_host_group_name = vsphere_compute_cluster_host_group.rack1.name
  mandatory                = false
}
