# command: apply
# A category that does not exist.
resource "vsphere_vm_storage_policy" "p" {
  name = "fast"
  tag_rules {
    tag_category = "tire"
    tags         = ["gold"]
  }
}
