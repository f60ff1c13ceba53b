resource "vsphere_cloud_init_iso" "web" {
  datacenter         = "DC0"
  datastore          = "LocalDS_0"
  path               = "cloud-init/web.iso"
  user_data          = "#cloud-config\npassword: hunter2-iso\n"
  meta_data          = "instance-id: web-1\nlocal-hostname: web\n"
  network_config     = "version: 2\n"
  create_directories = true
}
resource "vsphere_virtual_machine" "web" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  cdrom {
    datastore_id = vsphere_cloud_init_iso.web.datastore_id
    path         = vsphere_cloud_init_iso.web.path
  }
}
