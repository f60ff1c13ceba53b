# By entity type, managed object ID and principal, or by inventory path and principal. Append ":group" for a group if a user
# has the same name.
terraform import vsphere_entity_permission.web_folder 'Folder:group-v22:team-web@vsphere.local:group'
terraform import vsphere_entity_permission.web_folder '/dc1/vm/web:team-web@vsphere.local'
