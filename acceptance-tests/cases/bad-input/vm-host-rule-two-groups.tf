# On a group of hosts, and off another.
resource "vsphere_compute_cluster_vm_host_rule" "r" {
  compute_cluster_id            = "{{moid /DC0/host/DC0_C0}}"
  name                          = "on"
  vm_group_name                 = "web"
  affinity_host_group_name      = "rack1"
  anti_affinity_host_group_name = "rack2"
}
