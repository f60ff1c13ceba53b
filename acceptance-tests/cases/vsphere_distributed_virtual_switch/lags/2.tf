resource "vsphere_distributed_virtual_switch" "s" {
  lag {
    name         = "lag3"
    uplink_count = 1
  }

  lag {
    name         = "lag1"
    mode         = "passive"
    uplink_count = 4
  }
}
