# An import id that names nothing.
import {
  to = vsphere_compute_cluster_host_group.x
  id = "domain-c4711:missing"
}
resource "vsphere_compute_cluster_host_group" "x" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "missing"
}
