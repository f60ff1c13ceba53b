# vSAN and images of ESXi are not supported yet.
resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  vsan_enabled  = true
  host_image {
    esx_version = "8.0.3-0.0.24022510"
  }
}
