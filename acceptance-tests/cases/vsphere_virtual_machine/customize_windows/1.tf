resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "windows2019srv_64Guest"
  default_network_id         = "{{moid /DC0/network/VM Network}}"
  wait_for_guest_net_timeout = 0

  disk {
    label = "disk0"
    size  = 1
  }

  customize {
    timeout         = 1
    dns_server_list = ["10.0.0.2"]
    dns_suffix_list = ["example.com"]
    windows_options {
      computer_name  = "WEB-1"
      admin_password = "hunter2-win"
    }
    network_interface {
      dns_server_list = ["10.0.0.3"]
    }
  }
}
