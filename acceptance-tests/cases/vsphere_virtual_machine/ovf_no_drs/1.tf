resource "vsphere_virtual_machine" "v" {
  name             = "packaged"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "otherLinuxGuest"
  num_cpus         = 2
  memory           = 128

  wait_for_guest_net_timeout = 0

  ovf_deploy {
    local_ovf_path    = "{{root}}/acceptance-tests/cases/vsphere_virtual_machine/ovf_local/files/small.ovf"
    disk_provisioning = "thin"
    # As in the examples of the official provider.
    ip_allocation_policy = "STATIC_MANUAL"
    ip_protocol          = "IPV4"
  }

  network_interface {
    network_id  = "{{moid /DC0/network/DC0_DVPG0}}"
    ovf_mapping = "nat"
  }

  vapp {
    properties = {
      hostname = "web"
    }
  }
}
