data "vsphere_tag_category" "zone" {
  name = "zone"
}

data "vsphere_tag" "az1" {
  name        = "az1"
  category_id = data.vsphere_tag_category.zone.id
}

# Virtual machines with the tag run on the hosts with the tag.
resource "vsphere_compute_policy" "az1" {
  name        = "az1"
  description = "Virtual machines of zone az1 run on its hosts"
  capability  = "vm_host_affinity"
  vm_tag_id   = data.vsphere_tag.az1.id
  host_tag_id = data.vsphere_tag.az1.id
}
