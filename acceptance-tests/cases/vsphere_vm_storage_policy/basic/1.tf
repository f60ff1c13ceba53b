resource "vsphere_tag_category" "tier" {
  name             = "tier"
  cardinality      = "MULTIPLE"
  associable_types = ["Datastore"]
}
resource "vsphere_tag" "t" {
  for_each    = toset(["gold", "silver"])
  name        = each.key
  category_id = vsphere_tag_category.tier.id
}
resource "vsphere_vm_storage_policy" "p" {
  name        = "fast"
  description = "flash only"
  tag_rules {
    tag_category = vsphere_tag_category.tier.name
    tags         = [vsphere_tag.t["gold"].name, vsphere_tag.t["silver"].name]
  }
}
