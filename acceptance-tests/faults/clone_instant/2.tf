resource "vsphere_tag_category" "c" {
  name             = "faults"
  cardinality      = "MULTIPLE"
  associable_types = ["VirtualMachine"]
}
resource "vsphere_tag" "t" {
  name        = "faults"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  num_cpus                   = 2
  memory                     = 2048
  annotation                 = "2"
  tags                       = [vsphere_tag.t.id]
  clone {
    template_uuid = "{{moid /DC0/vm/src}}"
    instant_clone = true
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
}
