# Ignition, which VM Operator does not support: for Fedora CoreOS and Flatcar Container Linux.
resource "vsphere_virtual_machine" "ignition" {
  name             = "ignition"
  resource_pool_id = local.placement.resource_pool_id
  datastore_id     = local.placement.datastore_id
  num_cpus         = 1
  memory           = 128

  wait_for_guest_net_timeout = 0

  ovf_deploy {
    local_ovf_path  = "${path.module}/appliance.ova"
    ovf_network_map = { nat = local.placement.network_id }
  }

  ignition {
    config = jsonencode({
      ignition = { version = "3.4.0" }
      passwd   = { users = [{ name = "core", sshAuthorizedKeys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample"] }] }
    })
  }
}
