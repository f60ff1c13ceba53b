# A network by its name, an unknown type of interface, and a size in MiB that is not a multiple of 4
# command: validate
resource "vsphere_virtual_machine_template" "t" {
  name             = "worker"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  memory           = 1022
  clone {
    template_uuid = "vm-9"
  }
  network_interface {
    network_id   = "/DC0/network/VM Network"
    adapter_type = "vmxnet4"
  }
}
