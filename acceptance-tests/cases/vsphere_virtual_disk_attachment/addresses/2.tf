resource "vsphere_virtual_disk" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d.vmdk"
  size       = 1
  type       = "thin"
}
resource "vsphere_virtual_disk" "e" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "e.vmdk"
  size       = 2
  type       = "thin"
}
resource "vsphere_virtual_disk_attachment" "d" {
  virtual_machine_id    = data.vsphere_virtual_machine.vm.id
  path                  = vsphere_virtual_disk.d.path
  controller_type       = "scsi"
  controller_bus_number = 0
  unit_number           = 9
}
data "vsphere_virtual_machine" "vm" {
  name = "DC0_C0_RP0_VM0"
}
resource "vsphere_virtual_disk_attachment" "e" {
  virtual_machine_id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  path               = vsphere_virtual_disk.e.path
  disk_mode          = "independent_persistent"
}
