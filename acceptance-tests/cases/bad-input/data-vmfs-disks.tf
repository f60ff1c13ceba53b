# A filter that is not a regular expression, and a host that does not exist.
data "vsphere_vmfs_disks" "filter" {
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  filter         = "naa.("
}
