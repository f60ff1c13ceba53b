resource "vsphere_guest_os_customization" "s" {
  name = "linux"
  type = "Linux"
  spec {
    linux_options {
      domain    = "example.com"
      host_name = "web"
    }
    ipv4_gateway = "10.0.0.1"
    network_interface {
      ipv4_address = "10.0.0.12"
      ipv4_netmask = 24
    }
  }
}
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id         = "ubuntu64Guest"
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
    customization_spec {
      id = vsphere_guest_os_customization.s.id
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
