data "vsphere_vmfs_disks" "before" {
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
}
data "vsphere_vmfs_disks" "after" {
  host_system_id = data.vsphere_vmfs_disks.before.host_system_id
  rescan         = length(data.vsphere_vmfs_disks.before.disks) > 0
}
data "vsphere_vmfs_disks" "lun" {
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  filter         = "^naa[.].*[12]$"
}
locals {
  lun = data.vsphere_vmfs_disks.lun.disks
}
output "found" {
  value = [for d in data.vsphere_vmfs_disks.after.disks : d if endswith(d, "4")][0]
}
output "lun" {
  value = local.lun[0]
  precondition {
    condition     = length(local.lun) == 2 && local.lun == tolist(sort(local.lun))
    error_message = jsonencode(local.lun)
  }
}
resource "vsphere_vmfs_datastore" "d" {
  name           = "lun"
  host_system_id = data.vsphere_vmfs_disks.after.host_system_id
  disks          = data.vsphere_vmfs_disks.lun.disks
}
