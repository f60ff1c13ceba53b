resource "vsphere_virtual_machine_template" "golden" {
  name             = "golden"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  memory           = 512
  clone {
    template_uuid = "{{moid /DC0/vm/builder-2}}"
  }
}
