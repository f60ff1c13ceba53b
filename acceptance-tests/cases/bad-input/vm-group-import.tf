# An import of a group that there is not.
import {
  to = vsphere_compute_cluster_vm_group.g
  id = "{\"compute_cluster_path\": \"/DC0/host/DC0_C0\", \"name\": \"web\"}"
}
resource "vsphere_compute_cluster_vm_group" "g" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "web"
}
