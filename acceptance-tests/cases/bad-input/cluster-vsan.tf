# vSAN is not supported yet.
resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  vsan_enabled  = true
}
