# A datastore's id where a datastore cluster's belongs.
# command: validate
# only warns
resource "vsphere_virtual_machine" "vm" {
  name                 = "web"
  resource_pool_id     = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id             = "ubuntu64Guest"
  datastore_cluster_id = "{{moid /DC0/datastore/LocalDS_0}}"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
