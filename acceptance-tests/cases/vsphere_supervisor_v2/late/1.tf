resource "vsphere_supervisor_v2" "s" {
  timeouts {
    create = "3s"
  }
}
