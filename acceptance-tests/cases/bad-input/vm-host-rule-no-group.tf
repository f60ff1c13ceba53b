# No group of hosts.
resource "vsphere_compute_cluster_vm_host_rule" "r" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "on"
  vm_group_name      = "web"
}
