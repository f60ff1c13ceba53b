data "vsphere_datacenter" "dc" {
  name = "DC0"
}
