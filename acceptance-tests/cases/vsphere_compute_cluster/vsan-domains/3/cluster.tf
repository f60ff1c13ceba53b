resource "vsphere_compute_cluster" "c" {
  name                      = "bench"
  datacenter_id             = data.vsphere_datacenter.dc.id
  host_system_ids           = [local.id["vsan1"], local.id["vsan2"], local.id["vsan3"]]
  force_evacuate_on_destroy = true
  vsan_enabled              = true

  vsan_stretched_cluster {
    preferred_fault_domain_host_ids = [local.id["vsan1"]]
    secondary_fault_domain_host_ids = [local.id["vsan2"], local.id["vsan3"]]
    witness_node                    = local.id["vsan4"]
  }
}
