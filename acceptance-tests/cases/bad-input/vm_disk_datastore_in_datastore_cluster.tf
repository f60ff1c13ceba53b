# Storage DRS chooses for the machine and its disks.
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name                 = "web"
  resource_pool_id     = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id             = "ubuntu64Guest"
  datastore_cluster_id = "group-p9"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label        = "disk0"
    size         = 1
    datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  }
}
