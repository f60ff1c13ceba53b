# By entity type, managed object ID and principal, followed by ":group" for a group; or by inventory path and principal.
terraform import vsphere_entity_permission.web_folder 'Folder:group-v22:team-web@vsphere.local:group'
terraform import vsphere_entity_permission.web_folder '/dc1/vm/web:team-web@vsphere.local'
