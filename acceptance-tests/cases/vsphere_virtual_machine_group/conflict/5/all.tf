resource "vsphere_virtual_machine_group" "all" {
  name             = "all"
  power_state      = "on"
  member_group_ids = [vsphere_virtual_machine_group.shop.id]
}
