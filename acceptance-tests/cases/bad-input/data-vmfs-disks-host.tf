# A host that does not exist.
data "vsphere_vmfs_disks" "d" {
  host_system_id = "host-999"
}
