resource "vsphere_entity_permission" "foreign" {
  user_or_group = "ann"
}
