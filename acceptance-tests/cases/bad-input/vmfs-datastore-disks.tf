# A disk twice, and no disk.
resource "vsphere_vmfs_datastore" "twice" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  disks          = ["naa.600508b1001c00000000000000000001", "naa.600508b1001c00000000000000000002", "naa.600508b1001c00000000000000000001"]
}
resource "vsphere_vmfs_datastore" "none" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  disks          = []
}
