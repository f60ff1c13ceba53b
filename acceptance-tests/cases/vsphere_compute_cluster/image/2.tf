resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  host_image {
    esx_version = "8.0.3-0.0.24022510"
    component {
      key     = "Intel-i40en"
      version = "2.6.5.0-1OEM.800.1.0.20613240"
    }
  }
}
