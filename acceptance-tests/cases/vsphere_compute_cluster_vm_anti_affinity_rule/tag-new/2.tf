resource "vsphere_tag_category" "tier" {
  name             = "tier"
  cardinality      = "MULTIPLE"
  associable_types = ["VirtualMachine"]
}

resource "vsphere_tag" "database" {
  name        = "database"
  category_id = vsphere_tag_category.tier.id
}

resource "vsphere_tag_attachment" "vm" {
  for_each    = toset(["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"])
  tag_id      = vsphere_tag.database.id
  object_id   = each.key
  object_type = "VirtualMachine"
}

resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "apart"
  member_tag_id      = vsphere_tag.database.id
  depends_on         = [vsphere_tag_attachment.vm]
}
