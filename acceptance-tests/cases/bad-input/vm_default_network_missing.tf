# A default network that does not exist.
# command: plan
resource "vsphere_virtual_machine" "vm" {
  name               = "web"
  resource_pool_id   = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id       = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id           = "ubuntu64Guest"
  default_network_id = "network-9999"
  disk {
    label = "disk0"
    size  = 1
  }
}
