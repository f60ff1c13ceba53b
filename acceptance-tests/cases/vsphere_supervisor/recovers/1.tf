resource "vsphere_supervisor" "s" {
  timeouts {
    create = "2m"
  }
}
