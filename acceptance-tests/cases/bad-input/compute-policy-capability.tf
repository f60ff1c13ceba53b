# A capability and a tag that do not exist.
resource "vsphere_compute_policy" "p" {
  name        = "web"
  description = "apart"
  capability  = "vm_vm_anti_afinity"
  vm_tag_id   = "urn:vmomi:InventoryServiceTag:00000000-0000-4000-8000-000000000000:GLOBAL"
}

data "vsphere_compute_policy" "p" {
  name = "web"
}
