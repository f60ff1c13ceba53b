data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# By path below the datacenter; a pool's name alone is enough where it is the only one.
data "vsphere_resource_pool" "web" {
  name          = "c1/Resources/web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}
