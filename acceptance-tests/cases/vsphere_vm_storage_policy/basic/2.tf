resource "vsphere_tag_category" "tier" {
  name             = "tier"
  cardinality      = "MULTIPLE"
  associable_types = ["Datastore"]
}
resource "vsphere_tag_category" "site" {
  name             = "site"
  cardinality      = "MULTIPLE"
  associable_types = ["Datastore"]
}
resource "vsphere_tag" "t" {
  for_each    = toset(["gold", "silver"])
  name        = each.key
  category_id = vsphere_tag_category.tier.id
}
resource "vsphere_tag" "berlin" {
  name        = "berlin"
  category_id = vsphere_tag_category.site.id
}
resource "vsphere_vm_storage_policy" "p" {
  name        = "faster"
  description = "flash"
  tag_rules {
    tag_category = vsphere_tag_category.tier.name
    tags         = [vsphere_tag.t["gold"].name]
  }
  tag_rules {
    tag_category                 = vsphere_tag_category.site.name
    tags                         = [vsphere_tag.berlin.name]
    include_datastores_with_tags = false
  }
}
