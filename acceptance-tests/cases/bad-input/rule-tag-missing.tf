# A tag that does not exist, and a text that is not the ID of a tag.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "apart"
  member_tag_id      = "urn:vmomi:InventoryServiceTag:00000000-0000-4000-8000-000000000000:GLOBAL"
}

resource "vsphere_compute_cluster_vm_affinity_rule" "r" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "together"
  member_tag_id      = "database"
}
