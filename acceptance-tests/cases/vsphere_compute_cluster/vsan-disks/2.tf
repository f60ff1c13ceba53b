resource "vsphere_compute_cluster" "c" {
  vsan_disk_group {
    cache   = "mpx.vmhba1:C0:T0:L0"
    storage = ["mpx.vmhba1:C0:T2:L0", "mpx.vmhba1:C0:T3:L0"]
  }
}
