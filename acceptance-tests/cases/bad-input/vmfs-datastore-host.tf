# A host that does not exist, and a cluster.
resource "vsphere_vmfs_datastore" "absent" {
  name           = "lun"
  host_system_id = "host-999"
  disks          = ["naa.600508b1001c00000000000000000001"]
}
resource "vsphere_vmfs_datastore" "cluster" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_C0}}"
  disks          = ["naa.600508b1001c00000000000000000001"]
}
