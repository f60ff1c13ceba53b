data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_vapp_container" "shop" {
  name          = "shop"
  datacenter_id = data.vsphere_datacenter.dc1.id
}
