# No permission at all.
resource "vsphere_entity_permissions" "p" {
  entity_id   = "group-d1"
  entity_type = "Folder"
}
