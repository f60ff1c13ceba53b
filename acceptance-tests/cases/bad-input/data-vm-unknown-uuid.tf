# No virtual machine has it.
data "vsphere_virtual_machine" "vm" {
  uuid = "42000000-0000-4000-8000-000000000000"
}
