# 16 characters: vSphere uses the first 15.
# only warns
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "windows2019srv_64Guest"
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  clone {
    template_uuid = "vm-9"
    customize {
      windows_options {
        computer_name = "web-frontend-001"
      }
      network_interface {
        ipv4_address = "10.0.0.11"
        ipv4_netmask = 24
      }
    }
  }
}
