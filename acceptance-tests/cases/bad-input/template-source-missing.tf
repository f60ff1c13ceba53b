# From a virtual machine that does not exist
resource "vsphere_virtual_machine_template" "t" {
  name             = "worker"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  clone {
    template_uuid = "vm-404"
  }
}
