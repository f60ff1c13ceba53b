# A host in two fault domains.
resource "vsphere_compute_cluster" "twice" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  vsan_enabled  = true

  vsan_fault_domains {
    fault_domain {
      name     = "rack1"
      host_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}", "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"]
    }
    fault_domain {
      name     = "rack2"
      host_ids = ["{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"]
    }
  }
}
