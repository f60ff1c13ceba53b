# Customization of a guest of another family, seen at plan.
# setup: vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net "VM Network" -disk 1GB -g windows2019srv_64Guest -on=false -link=false tpl
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "windows2019srv_64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
    customize {
      linux_options {
        host_name = "web"
        domain    = "example.com"
      }
      network_interface {}
    }
  }
}
