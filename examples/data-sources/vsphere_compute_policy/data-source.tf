data "vsphere_compute_policy" "az1" {
  name = "az1"
}
