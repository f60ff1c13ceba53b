data "vsphere_virtual_machine" "vm" {
  name = "DC0_C0_RP0_VM0"
}
data "vsphere_virtual_machine" "other" {
  name = "DC0_C0_RP0_VM1"
}
resource "vsphere_virtual_machine_snapshot" "memory" {
  virtual_machine_uuid = data.vsphere_virtual_machine.vm.id
  snapshot_name        = "before"
  description          = "before the upgrade"
  memory               = true
  quiesce              = false
}
resource "vsphere_virtual_machine_snapshot" "disks" {
  virtual_machine_uuid = data.vsphere_virtual_machine.other.moid
  snapshot_name        = "second"
  description          = ""
  memory               = true
  quiesce              = true
}
