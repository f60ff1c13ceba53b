# By name, if it is unique.
data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# By path, for a datacenter in a folder.
data "vsphere_datacenter" "berlin" {
  name = "/berlin/dc2"
}
