# A virtual machine has that instance   instance_uuid    = data.vsphere_virtual_machine.other.instance_uuid.
data "vsphere_virtual_machine" "other" {
  moid = "{{moid /DC0/vm/DC0_H0_VM0}}"
}
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "ubuntu64Guest"
  instance_uuid    = data.vsphere_virtual_machine.other.instance_uuid
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
