resource "vsphere_virtual_machine_group" "site" {
  name             = "site"
  member_group_ids = [vsphere_virtual_machine_group.shop.id]
}

resource "vsphere_virtual_machine_group" "all" {
  name             = "all"
  member_group_ids = [vsphere_virtual_machine_group.site.id]
}
