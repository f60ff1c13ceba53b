# No name at all.
data "vsphere_distributed_virtual_switch" "s" {
  name = ""
}
