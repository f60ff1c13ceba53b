resource "vsphere_virtual_machine" "vm" {
  bios_uuid     = "4231B6C27A3F4D0E9C590F6D2A1B8E47"
  instance_uuid = "50310a11-0000-4000-8000-00000000000b"
}
