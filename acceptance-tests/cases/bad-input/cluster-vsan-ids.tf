# IDs of other objects than hosts and datastores.
resource "vsphere_compute_cluster" "c" {
  name                      = "c1"
  datacenter_id             = "{{moid /DC0}}"
  vsan_enabled              = true
  vsan_remote_datastore_ids = ["LocalDS_0"]

  vsan_stretched_cluster {
    preferred_fault_domain_host_ids = ["esx1"]
    secondary_fault_domain_host_ids = ["esx2"]
    witness_node                    = "vm-1"
  }
}
