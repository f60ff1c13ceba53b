# A capability without its tag of hosts, and one with a tag that it does not have.
resource "vsphere_compute_policy" "without" {
  name        = "without"
  description = "on hosts"
  capability  = "vm_host_affinity"
  vm_tag_id   = "urn:vmomi:InventoryServiceTag:00000000-0000-4000-8000-000000000000:GLOBAL"
}

resource "vsphere_compute_policy" "with" {
  name        = "with"
  description = "apart"
  capability  = "vm_vm_anti_affinity"
  vm_tag_id   = "urn:vmomi:InventoryServiceTag:00000000-0000-4000-8000-000000000000:GLOBAL"
  host_tag_id = "urn:vmomi:InventoryServiceTag:00000000-0000-4000-8000-000000000000:GLOBAL"
}

data "vsphere_compute_policy" "both" {
  id   = "x"
  name = "web"
}
