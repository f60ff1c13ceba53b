resource "vsphere_vmfs_datastore" "d" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  disks          = ["naa.600508b1001c00000000000000000001", "mpx.vmhba0:C0:T2:L0"]
  force          = true
}
