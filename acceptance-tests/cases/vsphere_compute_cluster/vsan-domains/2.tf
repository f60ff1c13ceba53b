resource "vsphere_compute_cluster" "c" {
  vsan_fault_domains {
    fault_domain {
      name     = "rack1"
      host_ids = [local.id["vsan1"], local.id["vsan2"]]
    }
  }
}
