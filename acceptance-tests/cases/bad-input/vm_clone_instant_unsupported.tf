# What an instant clone cannot have.
# setup: vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -host /DC0/host/DC0_C0/DC0_C0_H0 -net "VM Network" -net.adapter vmxnet3 -disk.controller pvscsi -disk 1GB -g ubuntu64Guest -c 2 -m 2048 -link=false src
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id         = "ubuntu64Guest"
  num_cpus         = 2
  memory           = 2048
  host_system_id   = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  power_state      = "off"
  clone {
    template_uuid = "{{moid /DC0/vm/src}}"
    instant_clone = true
    customize {
      linux_options {
        host_name = "web"
        domain    = "example.com"
      }
      network_interface {}
    }
  }
  cloud_init {
    user_data = "#cloud-config"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
}
