# A storage policy that does not exist.
import {
  to = vsphere_vm_storage_policy.p
  id = "vSAN Default Storage"
}
resource "vsphere_vm_storage_policy" "p" {
  name = "fast"
  tag_rules {
    tag_category = "tier"
    tags         = ["gold"]
  }
}
