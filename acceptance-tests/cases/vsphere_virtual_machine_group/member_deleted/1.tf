resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  bios_uuid        = "42310d5a-6b1e-4b8e-9f57-0d2c6a3b7e11"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "ubuntu64Guest"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}

resource "vsphere_virtual_machine_group" "g" {
  name                = "web"
  power_state         = "on"
  virtual_machine_ids = [vsphere_virtual_machine.vm.id, "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}
