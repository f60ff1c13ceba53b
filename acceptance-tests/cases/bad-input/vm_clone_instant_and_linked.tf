# Two kinds of clones.
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id         = "ubuntu64Guest"
  clone {
    template_uuid = "vm-9"
    instant_clone = true
    linked_clone  = true
  }
}
