resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "ubuntu64Guest"
  extra_config = {
    "sim.customization" = "fail:the disk is full"
  }
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
    customize {
      timeout         = 2
      ipv4_gateway    = "10.0.0.1"
      dns_server_list = ["10.0.0.2"]
      linux_options {
        host_name   = "web-1"
        domain      = "example.com"
        script_text = "#!/bin/sh\n"
      }
      network_interface {
        ipv4_address = "10.0.0.11"
        ipv4_netmask = 24
      }
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
