# Two tags of a category that allows one.
# only warns
# setup: tags.category.create env
# setup: tags.create -c env a
# setup: tags.create -c env b
data "vsphere_tag_category" "env" {
  name = "env"
}

data "vsphere_tag" "both" {
  for_each    = toset(["a", "b"])
  name        = each.key
  category_id = data.vsphere_tag_category.env.id
}

resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  tags                       = [for t in data.vsphere_tag.both : t.id]
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
