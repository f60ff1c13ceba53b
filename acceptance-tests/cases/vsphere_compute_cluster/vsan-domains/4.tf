resource "vsphere_compute_cluster" "c" {
  vsan_stretched_cluster {
    preferred_fault_domain_host_ids = [local.id["vsan3"]]
    secondary_fault_domain_host_ids = [local.id["vsan1"], local.id["vsan2"]]
    preferred_fault_domain_name     = "Secondary"
    secondary_fault_domain_name     = "Preferred"
    witness_node                    = local.id["DC0_H0"]
  }
}
