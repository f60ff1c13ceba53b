removed {
  from = vsphere_sso_group.ops

  lifecycle {
    destroy = false
  }
}
