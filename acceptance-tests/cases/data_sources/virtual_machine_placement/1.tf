locals {
  cluster = "{{moid /DC0/host/DC0_C0}}"
  empty   = "{{moid /DC0/host/empty}}"
  host    = "{{moid /DC0/host/DC0_C0/DC0_C0_H2}}"
  pod     = "{{moid /DC0/datastore/DC0_POD0}}"
  ssd     = "{{moid /DC0/datastore/DC0_POD0/LocalDS_1}}"
  pool    = "{{moid /DC0/host/DC0_C0/Resources}}"
}

# One of the hosts and datastores of a cluster.
data "vsphere_virtual_machine_placement" "cluster" {
  name                = "web-1"
  compute_cluster_ids = [local.cluster]
  host_system_ids     = [local.host]
  datastore_ids       = [local.ssd]
  num_cpus            = 2
  memory              = 2048
  guest_id            = "ubuntu64Guest"
  disk_sizes          = [20, 40]
}

# A host that does not have one of the virtual machines of the cluster.
data "vsphere_virtual_machine" "other" {
  name = "DC0_C0_RP0_VM0"
}
data "vsphere_virtual_machine_placement" "apart" {
  name                              = "web-5"
  compute_cluster_ids               = [local.cluster]
  anti_affinity_virtual_machine_ids = [data.vsphere_virtual_machine.other.id]
  disk_sizes                        = [20]
}

# One of several clusters, of which one does not have any hosts.
data "vsphere_virtual_machine_placement" "clusters" {
  name                = "web-2"
  compute_cluster_ids = [local.empty, local.cluster]
  disk_sizes          = [20]
}

# A datastore of a datastore cluster, with a host and without.
data "vsphere_virtual_machine_placement" "pod" {
  name                 = "web-3"
  compute_cluster_ids  = [local.cluster]
  datastore_cluster_id = local.pod
  disk_sizes           = [20]
}
data "vsphere_virtual_machine_placement" "storage" {
  name                 = "web-4"
  datastore_cluster_id = local.pod
  resource_pool_id     = local.pool
  disk_sizes           = [20]
}

resource "vsphere_virtual_machine" "web" {
  name             = data.vsphere_virtual_machine_placement.cluster.name
  resource_pool_id = data.vsphere_virtual_machine_placement.cluster.resource_pool_id
  host_system_id   = data.vsphere_virtual_machine_placement.cluster.host_system_id
  datastore_id     = data.vsphere_virtual_machine_placement.cluster.datastore_id
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 20
  }
  lifecycle {
    precondition {
      condition = alltrue([for p in [data.vsphere_virtual_machine_placement.cluster] :
        p.compute_cluster_id == local.cluster && p.resource_pool_id == local.pool && p.host_system_id == local.host &&
        p.datastore_id == local.ssd && p.recommendations[0].rating >= 1 && p.recommendations[0].reason != ""
      ])
      error_message = jsonencode(data.vsphere_virtual_machine_placement.cluster)
    }
    precondition {
      condition     = data.vsphere_virtual_machine_placement.apart.host_system_id != data.vsphere_virtual_machine.other.host_system_id
      error_message = jsonencode(data.vsphere_virtual_machine_placement.apart)
    }
    precondition {
      condition = alltrue([for p in [data.vsphere_virtual_machine_placement.clusters] :
        p.compute_cluster_id == local.cluster && p.resource_pool_id == local.pool &&
        p.host_system_id != null && p.datastore_id != null
      ])
      error_message = jsonencode(data.vsphere_virtual_machine_placement.clusters)
    }
    precondition {
      condition = alltrue([for p in [data.vsphere_virtual_machine_placement.pod, data.vsphere_virtual_machine_placement.storage] :
        p.datastore_id == local.ssd && p.resource_pool_id == local.pool
      ])
      error_message = jsonencode([data.vsphere_virtual_machine_placement.pod, data.vsphere_virtual_machine_placement.storage])
    }
    precondition {
      condition     = data.vsphere_virtual_machine_placement.pod.host_system_id != null && data.vsphere_virtual_machine_placement.storage.host_system_id == null
      error_message = jsonencode([data.vsphere_virtual_machine_placement.pod, data.vsphere_virtual_machine_placement.storage])
    }
  }
}
