# A virtual machine that does not exist, and one for several clusters.
data "vsphere_virtual_machine_placement" "missing" {
  name                              = "web-2"
  compute_cluster_ids               = ["{{moid /DC0/host/DC0_C0}}"]
  anti_affinity_virtual_machine_ids = ["vm-9999"]
  disk_sizes                        = [20]
}
data "vsphere_virtual_machine_placement" "clusters" {
  name                              = "web-2"
  compute_cluster_ids               = ["domain-c1", "domain-c2"]
  anti_affinity_virtual_machine_ids = ["vm-1"]
  disk_sizes                        = [20]
}
