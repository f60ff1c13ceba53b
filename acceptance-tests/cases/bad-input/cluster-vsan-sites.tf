# A stretched cluster without a second site, and one whose sites overlap.
resource "vsphere_compute_cluster" "empty" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  vsan_enabled  = true

  vsan_stretched_cluster {
    preferred_fault_domain_host_ids = ["{{moid /DC0/host/DC0_H0/DC0_H0}}"]
    secondary_fault_domain_host_ids = []
    witness_node                    = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  }
}

resource "vsphere_compute_cluster" "overlap" {
  name          = "c2"
  datacenter_id = "{{moid /DC0}}"
  vsan_enabled  = true

  vsan_stretched_cluster {
    preferred_fault_domain_host_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"]
    secondary_fault_domain_host_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"]
    secondary_fault_domain_name     = "Preferred"
    witness_node                    = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  }
}
