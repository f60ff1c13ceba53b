data "vsphere_host_base_images" "all" {}

output "esxi_versions" {
  value = data.vsphere_host_base_images.all.version
}
