# The virtual machine has one SCSI controller.
# command: apply
resource "vsphere_virtual_disk_attachment" "a" {
  virtual_machine_id    = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  path                  = "[LocalDS_0] d.vmdk"
  controller_type       = "scsi"
  controller_bus_number = 2
}
