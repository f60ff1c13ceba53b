resource "vsphere_vapp_container" "v" {
  name                    = "shop"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}

resource "vsphere_virtual_machine" "m" {
  count            = 2
  name             = "shop-${count.index}"
  resource_pool_id = vsphere_vapp_container.v.id
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "otherLinuxGuest"
  memory           = 128

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = "{{moid /DC0/network/DC0_DVPG0}}"
  }

  disk {
    label = "disk0"
    size  = 1
  }
}

resource "vsphere_vapp_entity" "e" {
  count        = 2
  target_id    = vsphere_virtual_machine.m[count.index].moid
  container_id = vsphere_vapp_container.v.id
  start_order  = count.index + 1
  stop_action  = "guestShutdown"
}
