# The Express Storage Architecture has no disk groups, and needs vSAN and TRIM/UNMAP.
resource "vsphere_compute_cluster" "c" {
  name             = "c1"
  datacenter_id    = "{{moid /DC0}}"
  vsan_esa_enabled = true

  vsan_disk_group {
    cache   = "naa.1"
    storage = ["naa.2"]
  }
}
