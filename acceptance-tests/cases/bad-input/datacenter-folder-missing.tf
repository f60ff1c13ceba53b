# command: apply
# A folder that there is not.
resource "vsphere_datacenter" "d" {
  name   = "dc9"
  folder = "europe/west"
}
