resource "vsphere_tag_category" "tier" {
  name             = "tier"
  cardinality      = "SINGLE"
  associable_types = ["Datastore"]
}

resource "vsphere_tag" "gold" {
  name        = "gold"
  category_id = vsphere_tag_category.tier.id
}

# A policy that only datastores with the tag `gold` comply with.
resource "vsphere_vm_storage_policy" "gold" {
  name        = "gold"
  description = "Gold-tier datastores"

  tag_rules {
    tag_category = vsphere_tag_category.tier.name
    tags         = [vsphere_tag.gold.name]
  }
}
