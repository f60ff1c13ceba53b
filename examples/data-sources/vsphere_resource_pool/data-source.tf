data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# By path, relative to the host folder of the datacenter. The name `web` is sufficient if it is unique.
data "vsphere_resource_pool" "web" {
  name          = "c1/Resources/web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}
