# A virtual machine that is not a template, and a name that no template has
# setup: vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net "VM Network" -disk.controller pvscsi -disk 1GB -g ubuntu64Guest -on=false -link=false ubuntu-1
# setup: vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net "VM Network" -disk.controller pvscsi -disk 1GB -g ubuntu64Guest -on=false -link=false ubuntu-2
# setup: vm.markastemplate ubuntu-1
# setup: vm.markastemplate ubuntu-2
data "vsphere_virtual_machine_template" "t" {
  name = "ubuntu-3"
}
