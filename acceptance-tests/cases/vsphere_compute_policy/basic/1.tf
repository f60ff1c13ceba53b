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

data "vsphere_compute_policy" "by_name" {
  name       = vsphere_compute_policy.p.name
  depends_on = [vsphere_compute_policy.p]

  lifecycle {
    postcondition {
      condition     = self.id == vsphere_compute_policy.p.id && self.capability == "vm_host_affinity" && self.vm_tag_id == vsphere_tag.az1.id && self.host_tag_id == vsphere_tag.az1.id
      error_message = "the compute policy differs"
    }
  }
}

data "vsphere_compute_policy" "by_id" {
  id = vsphere_compute_policy.p.id

  lifecycle {
    postcondition {
      condition     = self.name == "az1" && self.description == "on the hosts of az1"
      error_message = "the compute policy differs"
    }
  }
}
