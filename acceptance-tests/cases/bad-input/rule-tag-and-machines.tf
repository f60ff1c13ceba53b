# An anti-affinity rule about named virtual machines, and about those with a tag.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "apart"
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
  member_tag_id       = "urn:vmomi:InventoryServiceTag:00000000-0000-4000-8000-000000000000:GLOBAL"
}
