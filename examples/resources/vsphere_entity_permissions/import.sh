# By type and managed object id, or by inventory path.
terraform import vsphere_entity_permissions.shared Folder:group-v22
terraform import vsphere_entity_permissions.shared /dc1/vm/shared
