removed {
  from = vsphere_host_virtual_switch.management

  lifecycle {
    destroy = false
  }
}
