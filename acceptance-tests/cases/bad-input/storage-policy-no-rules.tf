# A policy without rules, and a rule without tags.
resource "vsphere_vm_storage_policy" "none" {
  name = "fast"
}
resource "vsphere_vm_storage_policy" "empty" {
  name = "faster"
  tag_rules {
    tag_category = "tier"
    tags         = []
  }
}
