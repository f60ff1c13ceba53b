locals {
  cluster = "{{moid /DC0/host/DC0_C0}}"
  host    = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  tags    = { region = ["eu"], zone = ["zone-a", "zone-c"] }
}
resource "vsphere_tag_category" "k8s" {
  for_each         = local.tags
  name             = "k8s-${each.key}"
  cardinality      = "SINGLE"
  associable_types = ["Datacenter", "ClusterComputeResource", "HostSystem"]
}
resource "vsphere_tag" "t" {
  for_each    = merge([for category, names in local.tags : { for name in names : name => category }]...)
  name        = each.key
  category_id = vsphere_tag_category.k8s[each.value].id
}
resource "vsphere_tag_attachment" "t" {
  for_each = {
    region = ["eu", "Datacenter", "{{moid /DC0}}"]
    zone-c = ["zone-c", "ClusterComputeResource", local.cluster]
    zone-a = ["zone-a", "HostSystem", local.host]
  }
  tag_id      = vsphere_tag.t[each.value[0]].id
  object_type = each.value[1]
  object_id   = each.value[2]
}
resource "vsphere_compute_cluster_host_group" "zone" {
  for_each           = toset(["zone-a"])
  name               = each.key
  compute_cluster_id = local.cluster
  host_system_ids    = [local.host]
}
resource "vsphere_compute_cluster_vm_group" "zone" {
  name                = "zone-a-vms"
  compute_cluster_id  = local.cluster
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}"]
}
resource "vsphere_compute_cluster_vm_host_rule" "zone" {
  name                     = "zone-a"
  compute_cluster_id       = local.cluster
  vm_group_name            = vsphere_compute_cluster_vm_group.zone.name
  affinity_host_group_name = vsphere_compute_cluster_host_group.zone["zone-a"].name
}

# A zone of hosts, in a resource pool and a folder.
data "vsphere_failure_domain" "hosts" {
  region {
    name         = "eu"
    tag_category = "k8s-region"
    type         = "Datacenter"
  }
  zone {
    name         = "zone-a"
    tag_category = "k8s-zone"
    type         = "HostGroup"
  }
  topology {
    datacenter      = "DC0"
    compute_cluster = "DC0_C0"
    datastore       = "LocalDS_0"
    networks        = ["VM Network", "/DC0/network/DC0_DVPG0"]
    hosts {
      host_group_name = "zone-a"
      vm_group_name   = "zone-a-vms"
    }
  }
  placement_constraint {
    resource_pool = "DC0_C0/Resources/k8s"
    folder        = "/DC0/vm/k8s"
  }
  depends_on = [vsphere_tag_attachment.t, vsphere_compute_cluster_vm_host_rule.zone]
}

# A cluster as the zone, without a constraint.
data "vsphere_failure_domain" "cluster" {
  region {
    name         = "eu"
    tag_category = "k8s-region"
    type         = "Datacenter"
  }
  zone {
    name         = "zone-c"
    tag_category = "k8s-zone"
    type         = "ComputeCluster"
  }
  topology {
    datacenter      = "DC0"
    compute_cluster = "DC0_C0"
  }
  depends_on = [vsphere_tag_attachment.t]
}

output "hosts" {
  value = one(data.vsphere_failure_domain.hosts.host_system_ids)
  precondition {
    condition = alltrue([for d in [data.vsphere_failure_domain.hosts] :
      d.id == "eu/zone-a" &&
      d.region_tag_id == vsphere_tag.t["eu"].id &&
      d.zone_tag_id == vsphere_tag.t["zone-a"].id &&
      d.datacenter_id == "{{moid /DC0}}" &&
      d.compute_cluster_id == local.cluster &&
      d.resource_pool_id == "{{moid /DC0/host/DC0_C0/Resources/k8s}}" &&
      d.datastore_id == "{{moid /DC0/datastore/LocalDS_0}}" &&
      join(" ", d.network_ids) == "{{moid /DC0/network/VM Network}} {{moid /DC0/network/DC0_DVPG0}}" &&
      d.folder_id == "{{moid /DC0/vm/k8s}}" &&
      d.folder_path == "k8s"
    ])
    error_message = jsonencode(data.vsphere_failure_domain.hosts)
  }
  precondition {
    condition = alltrue([for d in [data.vsphere_failure_domain.cluster] :
      d.resource_pool_id == "{{moid /DC0/host/DC0_C0/Resources}}" &&
      length(d.host_system_ids) == 3 &&
      d.datastore_id == null && length(d.network_ids) == 0 && d.folder_path == null
    ])
    error_message = jsonencode(data.vsphere_failure_domain.cluster)
  }
}
