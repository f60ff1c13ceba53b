resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  host_image {
    esx_version = "8.0.2-0.0.22380479"
    component {
      key     = "Broadcom-lsi-mr3"
      version = "7.722.02.00-1OEM.800.1.0.20613240"
    }
    component {
      key     = "Intel-i40en"
      version = "2.5.11.0-1OEM.800.1.0.20613240"
    }
  }
}
