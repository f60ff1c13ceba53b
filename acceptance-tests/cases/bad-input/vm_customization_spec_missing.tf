# vCenter keeps no such specification.
# command: apply
# setup: vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net "VM Network" -net.adapter vmxnet3 -disk.controller pvscsi -disk 1GB -g ubuntu64Guest -on=false -link=false tpl
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
    customization_spec {
      id = "linux"
    }
  }
}
