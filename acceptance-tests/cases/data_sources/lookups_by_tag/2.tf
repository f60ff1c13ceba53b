data "vsphere_resource_pool" "p" {
  tags = [data.vsphere_tag.east.id]
}
