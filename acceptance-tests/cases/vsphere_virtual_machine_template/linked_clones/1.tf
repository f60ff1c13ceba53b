resource "vsphere_virtual_machine_template" "golden" {
  name             = "golden"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  snapshot_name    = "base"
  clone {
    template_uuid = "{{moid /DC0/vm/builder}}"
  }
}
resource "vsphere_virtual_machine" "web" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  clone {
    template_uuid = vsphere_virtual_machine_template.golden.id
    snapshot_id   = vsphere_virtual_machine_template.golden.snapshot_id
    linked_clone  = true
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
