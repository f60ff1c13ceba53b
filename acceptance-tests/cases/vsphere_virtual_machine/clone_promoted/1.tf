resource "vsphere_virtual_machine" "vm" {
  for_each                   = { later = false, web = true }
  name                       = each.key
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
    linked_clone  = true
    promote_disks = each.value
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
