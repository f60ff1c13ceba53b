# A network of another datacenter.
# setup: datacenter.create DC1
# setup: cluster.create -dc DC1 far
# setup: cluster.add -dc DC1 -cluster far -hostname far-1 -username u -password p -noverify
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC1/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
