resource "vsphere_folder" "team" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_tag_category" "env" {
  name             = "env"
  cardinality      = "SINGLE"
  associable_types = ["VirtualMachine"]
}

resource "vsphere_tag" "prod" {
  name        = "prod"
  category_id = vsphere_tag_category.env.id
}

resource "vsphere_custom_attribute" "owner" {
  name                = "owner"
  managed_object_type = "VirtualMachine"
}

resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  folder                     = vsphere_folder.team.path
  tags                       = [vsphere_tag.prod.id]
  custom_attributes          = { (vsphere_custom_attribute.owner.id) = "ann" }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
