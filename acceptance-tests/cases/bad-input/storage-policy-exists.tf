# command: apply
# setup: tags.category.create tier
# setup: tags.create -c tier gold
# A name that is taken.
resource "vsphere_vm_storage_policy" "p" {
  name = "vSAN Default Storage Policy"
  tag_rules {
    tag_category = "tier"
    tags         = ["gold"]
  }
}
