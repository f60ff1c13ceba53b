resource "vsphere_tag_category" "k8s" {
  name             = "k8s-zone"
  cardinality      = "MULTIPLE"
  associable_types = ["ClusterComputeResource", "HostSystem", "Datastore"]
}
resource "vsphere_tag" "t" {
  for_each    = toset(["a", "b"])
  name        = each.key
  category_id = vsphere_tag_category.k8s.id
}
resource "vsphere_tag_attachment" "t" {
  for_each = {
    "a cluster"   = ["a", "ClusterComputeResource", "{{moid /DC0/host/DC0_C0}}"]
    "b cluster"   = ["b", "ClusterComputeResource", "{{moid /DC0/host/DC0_C0}}"]
    "a host 1"    = ["a", "HostSystem", "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"]
    "a host 0"    = ["a", "HostSystem", "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"]
    "b datastore" = ["b", "Datastore", "{{moid /DC0/datastore/LocalDS_0}}"]
  }
  tag_id      = vsphere_tag.t[each.value[0]].id
  object_type = each.value[1]
  object_id   = each.value[2]
}
data "vsphere_tagged_objects" "both" {
  tag_ids    = [for t in vsphere_tag.t : t.id]
  depends_on = [vsphere_tag_attachment.t]
}
data "vsphere_tagged_objects" "any" {
  tag_ids    = [for t in vsphere_tag.t : t.id]
  match      = "any"
  depends_on = [vsphere_tag_attachment.t]
}
data "vsphere_tagged_objects" "hosts" {
  tag_ids    = [vsphere_tag.t["a"].id]
  type       = "HostSystem"
  depends_on = [vsphere_tag_attachment.t]
}
locals {
  both  = data.vsphere_tagged_objects.both.objects
  any   = data.vsphere_tagged_objects.any
  hosts = data.vsphere_tagged_objects.hosts.objects
}
output "cluster" {
  value = local.both[0].id
  precondition {
    condition     = length(local.both) == 1 && local.both[0].name == "DC0_C0" && length(local.both[0].tag_ids) == 2
    error_message = jsonencode(local.both)
  }
  precondition {
    condition     = join(" ", keys(local.any.ids_by_type)) == "ClusterComputeResource Datastore HostSystem" && length(local.any.objects) == 4
    error_message = jsonencode(local.any)
  }
  precondition {
    condition     = join(" ", local.hosts[*].name) == "DC0_C0_H0 DC0_C0_H1"
    error_message = jsonencode(local.hosts)
  }
}
