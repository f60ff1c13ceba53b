# Storage DRS is not enabled.
# command: apply
# setup: folder.create -pod /DC0/datastore/pod
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  datastore_cluster_id       = "{{moid /DC0/datastore/pod}}"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
