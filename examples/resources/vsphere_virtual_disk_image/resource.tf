resource "vsphere_virtual_disk_image" "ubuntu" {
  datacenter         = "dc1"
  datastore          = "ssd1"
  vmdk_path          = "images/ubuntu.vmdk"
  source             = "${path.module}/ubuntu.qcow2"
  size               = 20
  create_directories = true
}

resource "vsphere_virtual_machine" "worker" {
  name             = "worker"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = vsphere_virtual_disk_image.ubuntu.datastore_id
  guest_id         = "ubuntu64Guest"
  enable_disk_uuid = true

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label        = "disk0"
    attach       = true
    path         = vsphere_virtual_disk_image.ubuntu.vmdk_path
    datastore_id = vsphere_virtual_disk_image.ubuntu.datastore_id
  }
}

data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}
