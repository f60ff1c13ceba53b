resource "vsphere_compute_cluster" "c" {
  vsan_dedup_enabled                   = true
  vsan_verbose_mode_enabled            = true
  vsan_network_diagnostic_mode_enabled = true
  vsan_unmap_enabled                   = false
  vsan_dit_encryption_enabled          = true
  vsan_dit_rekey_interval              = 60
}
