# command: apply
# A member whose own resource sets the power state.
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  power_state      = "off"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}

resource "vsphere_virtual_machine_group" "g" {
  name        = "shop"
  power_state = "on"
  boot_order {
    virtual_machine_ids = [vsphere_virtual_machine.vm.id]
  }
}
