resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "windows2019srv_64Guest"
  wait_for_guest_net_timeout = 0
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
    customize {
      timeout = 0
      windows_options {
        computer_name         = "WEB-1"
        admin_password        = "hunter2-win"
        workgroup             = "SHOP"
        time_zone             = 110
        run_once_command_list = ["cmd /c echo"]
      }
      network_interface {}
    }
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
