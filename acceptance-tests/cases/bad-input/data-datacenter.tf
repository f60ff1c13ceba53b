# A datacenter that there is not.
data "vsphere_datacenter" "d" {
  name = "DC9"
}
