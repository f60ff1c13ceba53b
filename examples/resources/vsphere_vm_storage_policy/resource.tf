resource "vsphere_tag_category" "tier" {
  name             = "tier"
  cardinality      = "SINGLE"
  associable_types = ["Datastore"]
}

resource "vsphere_tag" "gold" {
  name        = "gold"
  category_id = vsphere_tag_category.tier.id
}

# Virtual machines with this policy are placed on datastores with the tag.
resource "vsphere_vm_storage_policy" "gold" {
  name        = "gold"
  description = "Datastores of the tier gold"

  tag_rules {
    tag_category = vsphere_tag_category.tier.name
    tags         = [vsphere_tag.gold.name]
  }
}
