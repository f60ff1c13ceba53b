resource "vsphere_vmfs_datastore" "d" {
  name           = "lun"
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  disks          = ["naa.600508b1001c00000000000000000001", "naa.600508b1001c00000000000000000002", "naa.600508b1001c00000000000000000003"]
}
resource "vsphere_vmfs_datastore" "local" {
  name           = "local/disk"
  host_system_id = "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"
  disks          = ["mpx.vmhba0:C0:T1:L0"]
}
