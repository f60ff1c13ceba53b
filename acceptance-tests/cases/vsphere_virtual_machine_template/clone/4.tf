resource "vsphere_virtual_machine_template" "golden" {
  name             = "golden"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  memory           = 512
  extra_config = {
    "guestinfo.role" = "worker"
  }
  clone {
    template_uuid = "{{moid /DC0/vm/builder-2}}"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    size = 2
  }
}
