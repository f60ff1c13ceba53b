resource "vsphere_virtual_machine_template" "golden" {
  name             = "golden"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_1}}"
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
}
