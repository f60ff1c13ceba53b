# A host of no cluster.
resource "vsphere_compute_cluster_host_group" "g" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "rack1"
  host_system_ids    = ["{{moid /DC0/host/DC0_H0/DC0_H0}}"]
}
