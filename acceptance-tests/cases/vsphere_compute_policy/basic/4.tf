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
  description = "apart"
  capability  = "vm_vm_anti_affinity"
  vm_tag_id   = vsphere_tag.az1.id
}

resource "vsphere_compute_policy" "other" {
  name        = "az1"
  description = "of the same name"
  capability  = "vm_vm_affinity"
  vm_tag_id   = vsphere_tag.az1.id
}
