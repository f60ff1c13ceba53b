# A virtual machine and a name among the hosts.
resource "vsphere_compute_cluster_host_group" "g" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "rack1"
  host_system_ids    = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "esx1"]
}
