data "vsphere_host_base_images" "all" {}
