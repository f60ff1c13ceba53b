resource "vsphere_virtual_machine" "vm" {
  bios_uuid       = "4231b6c2-7a3f-4d0e-9c59-00000000000a"
  replace_trigger = "another BIOS UUID"
}
