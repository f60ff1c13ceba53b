# An instant clone of a template.
# setup: vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net "VM Network" -net.adapter vmxnet3 -disk.controller pvscsi -disk 1GB -g ubuntu64Guest -c 2 -m 2048 -on=false -link=false src
# setup: vm.markastemplate src
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id         = "ubuntu64Guest"
  num_cpus         = 2
  memory           = 2048
  clone {
    template_uuid = "{{moid /DC0/vm/src}}"
    instant_clone = true
  }
}
