# A base image without a version, and a component without one.
resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "{{moid /DC0}}"
  host_image {
    component {
      key = "Intel-i40en"
    }
  }
}
