resource "vsphere_virtual_machine" "v" {
  bios_uuid     = "4231b6c2-7a3f-4d0e-9c59-00000000000a"
  instance_uuid = "50310a11-0000-4000-8000-00000000000a"
}
