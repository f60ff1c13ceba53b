resource "vsphere_virtual_machine" "v" {
  name                       = "packaged"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "otherLinuxGuest"
  wait_for_guest_net_timeout = 0
  ovf_deploy {
    remote_ovf_url            = "https://{{server}}/folder/small.ova?dcPath=DC0&dsName=LocalDS_0"
    allow_unverified_ssl_cert = true
    pull_from_url             = true
    disk_provisioning         = "thin"
    ovf_network_map = {
      nat = "{{moid /DC0/network/DC0_DVPG0}}"
    }
  }
}
