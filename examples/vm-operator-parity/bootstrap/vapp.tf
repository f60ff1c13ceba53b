# spec.bootstrap.vAppConfig: properties that the OVF package defines.
resource "vsphere_virtual_machine" "vapp" {
  name             = "vapp"
  resource_pool_id = local.placement.resource_pool_id
  datastore_id     = local.placement.datastore_id
  num_cpus         = 1
  memory           = 128

  wait_for_guest_net_timeout = 0

  ovf_deploy {
    local_ovf_path  = "${path.module}/appliance.ova"
    ovf_network_map = { nat = local.placement.network_id }
  }

  vapp {
    properties = {
      hostname = "vapp"
    }
  }
}
