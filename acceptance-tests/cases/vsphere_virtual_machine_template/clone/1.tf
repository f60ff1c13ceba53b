resource "vsphere_virtual_machine_template" "golden" {
  name             = "golden"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  memory           = 256
  clone {
    template_uuid = "{{moid /DC0/vm/builder}}"
  }
  network_interface {
    network_id   = "{{moid /DC0/network/DC0_DVPG0}}"
    adapter_type = "e1000e"
  }
  disk {
    size = 2
  }
}
