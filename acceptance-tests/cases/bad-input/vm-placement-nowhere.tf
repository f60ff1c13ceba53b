# A cluster without hosts, clusters without room for the disk, and a cluster that does not exist.
# setup: cluster.create -dc DC0 empty
data "vsphere_virtual_machine_placement" "empty" {
  name                = "web"
  compute_cluster_ids = ["{{moid /DC0/host/empty}}"]
  disk_sizes          = [20]
}
data "vsphere_virtual_machine_placement" "full" {
  name                = "web"
  compute_cluster_ids = ["{{moid /DC0/host/DC0_C0}}"]
  disk_sizes          = [1000000]
}
data "vsphere_virtual_machine_placement" "missing" {
  name                = "web"
  compute_cluster_ids = ["domain-c999"]
  disk_sizes          = [20]
}
