# Nearly the name of a virtual machine.
data "vsphere_virtual_machine" "vm" {
  name          = "DC0_C0_RP0_VMO"
  datacenter_id = "{{moid /DC0}}"
}
