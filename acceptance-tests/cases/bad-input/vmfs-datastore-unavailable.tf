# command: apply
# The disk of the system, and one that the host has not found: nothing is formatted.
resource "vsphere_vmfs_datastore" "d" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  disks          = ["naa.600508b1001c00000000000000000001", "mpx.vmhba0:C0:T0:L0", "naa.600508b1001c00000000000000000004"]
}
