data "vsphere_datacenter" "dc" {}
data "vsphere_datastore_cluster" "pod" {
  name          = "team/pod"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_datastore" "ds" {
  name = "/DC0/datastore/team/pod/LocalDS_0"
}
data "vsphere_resource_pool" "a" {
  name = "a"
}
data "vsphere_resource_pool" "web" {
  name                    = "web"
  parent_resource_pool_id = data.vsphere_resource_pool.a.id
}
data "vsphere_resource_pool" "by_path" {
  name          = "/DC0/host/DC0_C0/Resources/web"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_distributed_virtual_switch" "s" {
  name          = "DVS0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_network" "g" {
  name                            = "DC0_DVPG0"
  datacenter_id                   = data.vsphere_datacenter.dc.id
  distributed_virtual_switch_uuid = data.vsphere_distributed_virtual_switch.s.id
  filter {
    network_type = "DistributedVirtualPortgroup"
  }
}
data "vsphere_host" "h" {
  name          = "DC0_H0/DC0_H0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_compute_cluster" "c" {
  name = "/DC0/host/DC0_C0"
}
output "dc" {
  value = data.vsphere_datacenter.dc.id
  precondition {
    condition     = contains(data.vsphere_datacenter.dc.virtual_machines, "DC0_H0_VM0")
    error_message = "${join(",", data.vsphere_datacenter.dc.virtual_machines)}"
  }
}
output "pod" {
  value = data.vsphere_datastore_cluster.pod.id
  precondition {
    condition     = tolist(data.vsphere_datastore_cluster.pod.datastores) == tolist(["LocalDS_0"])
    error_message = "${join(",", data.vsphere_datastore_cluster.pod.datastores)}"
  }
}
output "datastore" {
  value = data.vsphere_datastore.ds.id
  precondition {
    condition     = data.vsphere_datastore.ds.stats["capacity"] > data.vsphere_datastore.ds.stats["free"]
    error_message = "${jsonencode(data.vsphere_datastore.ds.stats)}"
  }
}
output "pool" {
  value = data.vsphere_resource_pool.web.id
}
output "pool_by_path" {
  value = data.vsphere_resource_pool.by_path.id
}
output "switch" {
  value = data.vsphere_distributed_virtual_switch.s.id
  precondition {
    condition     = length(data.vsphere_distributed_virtual_switch.s.uplinks) > 0
    error_message = "no uplinks"
  }
}
output "group" {
  value = data.vsphere_network.g.id
  precondition {
    condition     = data.vsphere_network.g.type == "DistributedVirtualPortgroup"
    error_message = data.vsphere_network.g.type
  }
}
output "host_pool" {
  value = data.vsphere_host.h.resource_pool_id
}
output "cluster_pool" {
  value = data.vsphere_compute_cluster.c.resource_pool_id
}
