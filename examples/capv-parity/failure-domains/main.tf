# Failure domains: the tags of a region and of its zones, and the placement in each zone.

data "vsphere_datacenter" "this" {
  name = var.datacenter
}

data "vsphere_compute_cluster" "zone" {
  for_each      = var.zones
  name          = each.value.compute_cluster
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_compute_cluster_host_group" "zone" {
  for_each           = { for name, zone in var.zones : name => zone if zone.hosts != null }
  name               = each.value.hosts.host_group_name
  compute_cluster_id = data.vsphere_compute_cluster.zone[each.key].id
}

locals {
  types = { for name, zone in var.zones : name => zone.hosts == null ? "ComputeCluster" : "HostGroup" }

  # The objects of each zone: the cluster, or the hosts of the host group.
  zone_objects = merge([
    for name, type in local.types : type == "ComputeCluster" ? {
      (name) = { zone = name, type = "ClusterComputeResource", id = data.vsphere_compute_cluster.zone[name].id }
      } : {
      for host in data.vsphere_compute_cluster_host_group.zone[name].host_system_ids :
      "${name}/${host}" => { zone = name, type = "HostSystem", id = host }
    }
  ]...)
}

# The tags, unless an administrator has attached them already.

resource "vsphere_tag_category" "region" {
  count            = var.configure_tags ? 1 : 0
  name             = var.region_category
  cardinality      = "SINGLE"
  associable_types = ["Datacenter"]
}

resource "vsphere_tag_category" "zone" {
  count            = var.configure_tags ? 1 : 0
  name             = var.zone_category
  cardinality      = "SINGLE"
  associable_types = ["ClusterComputeResource", "HostSystem"]
}

resource "vsphere_tag" "region" {
  count       = var.configure_tags ? 1 : 0
  name        = var.region
  category_id = vsphere_tag_category.region[0].id
}

resource "vsphere_tag" "zone" {
  for_each    = var.configure_tags ? toset(keys(var.zones)) : []
  name        = each.key
  category_id = vsphere_tag_category.zone[0].id
}

resource "vsphere_tag_attachment" "region" {
  count       = var.configure_tags ? 1 : 0
  tag_id      = vsphere_tag.region[0].id
  object_type = "Datacenter"
  object_id   = data.vsphere_datacenter.this.id
}

resource "vsphere_tag_attachment" "zone" {
  for_each    = var.configure_tags ? local.zone_objects : {}
  tag_id      = vsphere_tag.zone[each.value.zone].id
  object_type = each.value.type
  object_id   = each.value.id
}

# The placements, verified.

data "vsphere_failure_domain" "zone" {
  for_each = var.zones

  region {
    name         = var.region
    tag_category = var.region_category
    type         = "Datacenter"
  }

  zone {
    name         = each.key
    tag_category = var.zone_category
    type         = local.types[each.key]
  }

  topology {
    datacenter      = var.datacenter
    compute_cluster = each.value.compute_cluster
    datastore       = each.value.datastore
    networks        = [each.value.network]

    dynamic "hosts" {
      for_each = each.value.hosts[*]
      content {
        host_group_name = hosts.value.host_group_name
        vm_group_name   = hosts.value.vm_group_name
      }
    }
  }

  placement_constraint {
    resource_pool = each.value.resource_pool
    folder        = each.value.folder
  }

  depends_on = [vsphere_tag_attachment.region, vsphere_tag_attachment.zone]
}
