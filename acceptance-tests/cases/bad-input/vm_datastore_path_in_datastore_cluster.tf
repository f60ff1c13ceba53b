# A folder on a datastore that is not known yet.
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name                 = "web"
  resource_pool_id     = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id             = "ubuntu64Guest"
  datastore_cluster_id = "group-p9"
  datastore_path       = "web"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
