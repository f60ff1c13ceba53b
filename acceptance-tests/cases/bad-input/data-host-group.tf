# A group of hosts that there is not.
data "vsphere_compute_cluster_host_group" "g" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "rack1"
}
