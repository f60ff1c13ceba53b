# By name, where no other datacenter has it.
data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# One in a folder, by its path.
data "vsphere_datacenter" "berlin" {
  name = "/berlin/dc2"
}
