# A pool in one that there is not.
resource "vsphere_resource_pool" "p" {
  name                    = "p"
  parent_resource_pool_id = "resgroup-4711"
}
