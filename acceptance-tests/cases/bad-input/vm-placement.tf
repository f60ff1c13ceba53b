# Arguments of another kind of placement, and no place to choose.
data "vsphere_virtual_machine_placement" "clusters" {
  name                 = "web"
  compute_cluster_ids  = ["domain-c1", "domain-c2"]
  host_system_ids      = ["host-1"]
  datastore_cluster_id = "group-p1"
  resource_pool_id     = "resgroup-1"
  disk_sizes           = [20]
}
data "vsphere_virtual_machine_placement" "pod" {
  name                 = "web"
  datastore_cluster_id = "group-p1"
  disk_sizes           = [0]
}
data "vsphere_virtual_machine_placement" "nothing" {
  name       = " "
  disk_sizes = []
}
