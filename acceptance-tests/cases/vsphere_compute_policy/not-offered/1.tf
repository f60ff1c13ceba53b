resource "vsphere_tag_category" "zone" {
  name             = "zone"
  cardinality      = "SINGLE"
  associable_types = ["VirtualMachine", "HostSystem"]
}

resource "vsphere_tag" "az1" {
  name        = "az1"
  category_id = vsphere_tag_category.zone.id
}

resource "vsphere_compute_policy" "p" {
  name        = "az1"
  description = "on the hosts of az1"
  capability  = "vm_host_affinity"
  vm_tag_id   = vsphere_tag.az1.id
  host_tag_id = vsphere_tag.az1.id
}
