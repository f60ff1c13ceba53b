data "vsphere_folder" "web" {
  path = "/dc1/vm/web"
}

# The permissions in effect on the web team's folder: its own and inherited ones.
data "vsphere_entity_permissions" "web" {
  entity_id   = data.vsphere_folder.web.id
  entity_type = "Folder"
}

output "from_above" {
  value = [
    for p in data.vsphere_entity_permissions.web.permissions :
    "${p.user_or_group}: ${p.role_name}, from ${p.entity_type} ${p.entity_id}" if p.inherited
  ]
}
