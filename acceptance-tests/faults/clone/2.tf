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
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  num_cpus                   = 4
  memory                     = 2048
  annotation                 = "two"
  tags                       = [vsphere_tag.t.id]
  clone {
    template_uuid = "{{moid /DC0/vm/tpl}}"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 2
  }
  disk {
    label       = "data"
    size        = 1
    unit_number = 1
  }
}
