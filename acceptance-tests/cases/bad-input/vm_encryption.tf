# A key without its key provider, and values that do not exist.
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  encryption {
    key_id = "k"
    rekey  = "none"
  }
}
