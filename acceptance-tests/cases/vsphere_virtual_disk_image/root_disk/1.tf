resource "vsphere_virtual_disk_image" "os" {
  datacenter         = "DC0"
  datastore          = "LocalDS_0"
  vmdk_path          = "images/worker-os.vmdk"
  source             = "files/small.qcow2"
  size               = 1
  create_directories = true
}
resource "vsphere_virtual_machine" "worker" {
  name                       = "worker"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = vsphere_virtual_disk_image.os.datastore_id
  guest_id                   = "ubuntu64Guest"
  enable_disk_uuid           = true
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label        = "disk0"
    attach       = true
    path         = vsphere_virtual_disk_image.os.vmdk_path
    datastore_id = vsphere_virtual_disk_image.os.datastore_id
  }
}
