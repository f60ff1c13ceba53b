# Services of vSAN without those that they depend on.
resource "vsphere_compute_cluster" "c" {
  name                        = "c1"
  datacenter_id               = "{{moid /DC0}}"
  vsan_enabled                = true
  vsan_dedup_enabled          = true
  vsan_verbose_mode_enabled   = true
  vsan_dit_encryption_enabled = true
  vsan_remote_datastore_ids   = ["{{moid /DC0/datastore/LocalDS_0}}"]

  vsan_disk_group {
    cache = "naa.1"
  }

  vsan_disk_group {
    storage = ["naa.2"]
  }
}
