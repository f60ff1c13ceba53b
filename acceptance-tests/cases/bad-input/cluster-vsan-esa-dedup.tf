# The Express Storage Architecture has no deduplication; a rekey interval that is too short; two kinds of fault domains.
# command: validate
resource "vsphere_compute_cluster" "c" {
  name                    = "c1"
  datacenter_id           = "datacenter-2"
  vsan_enabled            = true
  vsan_esa_enabled        = true
  vsan_dedup_enabled      = true
  vsan_dit_rekey_interval = 10

  vsan_fault_domains {
    fault_domain {
      name     = "rack1"
      host_ids = ["host-1"]
    }
  }

  vsan_stretched_cluster {
    preferred_fault_domain_host_ids = ["host-1"]
    secondary_fault_domain_host_ids = ["host-2"]
    witness_node                    = "host-3"
  }
}
