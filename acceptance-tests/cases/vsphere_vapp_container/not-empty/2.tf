resource "vsphere_folder" "other" {
  path = "other"
  type = "datacenter"
}

removed {
  from = vsphere_vapp_container.inner

  lifecycle {
    destroy = false
  }
}
