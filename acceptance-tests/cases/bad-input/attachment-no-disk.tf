# There is no such disk.
# command: apply
resource "vsphere_virtual_disk_attachment" "a" {
  virtual_machine_id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  path               = "[LocalDS_0] none.vmdk"
}
