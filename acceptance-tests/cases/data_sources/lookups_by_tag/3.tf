data "vsphere_network" "vpc" {
  vpc_id = "other"
}
