resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "resgroup-8"
  datastore_id     = "datastore-1"
  hardware_version = 13
  evc_mode         = "intel-penryn"
  network_interface {
    network_id = "network-1"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
