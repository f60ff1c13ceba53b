resource "vsphere_virtual_machine" "vm" {
  bios_uuid     = "4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47"
  instance_uuid = "50310A1100004000800000000000000B"
}
