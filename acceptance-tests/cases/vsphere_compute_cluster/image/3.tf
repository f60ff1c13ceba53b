resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  host_image {
    esx_version = "ESXi 9"
  }
}
