resource "vsphere_virtual_machine" "vm" {
  for_each              = toset(["db", "web"])
  name                  = each.key
  resource_pool_id      = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id          = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id              = "ubuntu64Guest"
  power_on_after_create = false
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}

resource "vsphere_virtual_machine_group" "shop" {
  name        = "shop"
  power_state = "on"
  boot_order {
    virtual_machine_ids = [vsphere_virtual_machine.vm["db"].id]
  }
  virtual_machine_ids = [for name, vm in vsphere_virtual_machine.vm : vm.id if name != "db"]
}
