resource "vsphere_compute_cluster" "c" {
  name                      = "bench"
  datacenter_id             = data.vsphere_datacenter.dc.id
  host_system_ids           = [local.id["vsan1"], local.id["vsan2"], local.id["vsan3"]]
  force_evacuate_on_destroy = true
  vsan_enabled              = true

  vsan_fault_domains {
    fault_domain {
      name     = "rack1"
      host_ids = [local.id["vsan1"]]
    }
    fault_domain {
      name     = "rack2"
      host_ids = [local.id["vsan2"]]
    }
    fault_domain {
      name     = "rack3"
      host_ids = [local.id["vsan3"]]
    }
  }
}
