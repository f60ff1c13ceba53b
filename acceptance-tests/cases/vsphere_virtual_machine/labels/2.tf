resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["VirtualMachine"]
}
resource "vsphere_tag" "t" {
  count       = 2
  name        = "t${count.index}"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_custom_attribute" "a" {
  name                = "owner"
  managed_object_type = "VirtualMachine"
}
resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  tags                       = [vsphere_tag.t[1].id]
  custom_attributes          = { (vsphere_custom_attribute.a.id) = "shop" }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
