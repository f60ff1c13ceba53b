# By type, managed object id and principal; ":group" behind it for a group. Or by inventory path and principal.
terraform import vsphere_entity_permission.web_folder 'Folder:group-v22:team-web@vsphere.local:group'
terraform import vsphere_entity_permission.web_folder '/dc1/vm/web:team-web@vsphere.local'
