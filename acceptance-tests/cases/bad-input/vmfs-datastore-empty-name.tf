# An empty name of a disk.
resource "vsphere_vmfs_datastore" "empty" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  disks          = [""]
}
