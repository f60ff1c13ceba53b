# command: apply
# A name that is taken.
resource "vsphere_datacenter" "d" {
  name = "DC0"
}
