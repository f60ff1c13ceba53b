resource "vsphere_compute_cluster" "c" {
  ha_enabled               = false
  vsan_enabled             = false
  vsan_compression_enabled = false
  vsan_performance_enabled = false
  vsan_unmap_enabled       = false
}
