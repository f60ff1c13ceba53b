# The administrators are not to be revoked with the rest.
removed {
  from = vsphere_entity_permissions.root
  lifecycle {
    destroy = false
  }
}
