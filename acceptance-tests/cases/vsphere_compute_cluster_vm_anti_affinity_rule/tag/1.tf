data "vsphere_tag_category" "tier" {
  name = "tier"
}

data "vsphere_tag" "database" {
  name        = "database"
  category_id = data.vsphere_tag_category.tier.id
}

resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "apart"
  member_tag_id      = data.vsphere_tag.database.id
}
