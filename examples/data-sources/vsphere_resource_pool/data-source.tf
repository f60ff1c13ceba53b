data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# By path below the datacenter. The name of the resource pool is sufficient if it is unique.
data "vsphere_resource_pool" "web" {
  name          = "c1/Resources/web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}
