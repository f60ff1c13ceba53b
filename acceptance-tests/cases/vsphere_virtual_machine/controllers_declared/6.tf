resource "vsphere_virtual_machine" "vm" {
  scsi_type = "pvscsi"
}
