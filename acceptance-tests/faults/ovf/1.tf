resource "vsphere_virtual_machine" "v" {
  name                       = "packaged"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  host_system_id             = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  datacenter_id              = "{{moid /DC0}}"
  guest_id                   = "otherLinuxGuest"
  wait_for_guest_net_timeout = 0
  ovf_deploy {
    local_ovf_path    = "{{root}}/acceptance-tests/cases/vsphere_virtual_machine/ova_local/files/small.ova"
    disk_provisioning = "thin"
    ovf_network_map = {
      nat = "{{moid /DC0/network/DC0_DVPG0}}"
    }
  }
}
