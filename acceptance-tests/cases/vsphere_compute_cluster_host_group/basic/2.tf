data "vsphere_host" "h" {
  count         = 3
  name          = "DC0_C0_H${count.index}"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_compute_cluster_host_group" "g" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "rack"
  host_system_ids    = [data.vsphere_host.h[2].id]
}

data "vsphere_compute_cluster_host_group" "g" {
  compute_cluster_id = vsphere_compute_cluster_host_group.g.compute_cluster_id
  name               = vsphere_compute_cluster_host_group.g.name
  depends_on         = [vsphere_compute_cluster_host_group.g]
}
output "hosts" {
  value = join(" ", sort(data.vsphere_compute_cluster_host_group.g.host_system_ids))
}
