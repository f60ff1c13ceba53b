# By entity type and managed object ID, or by inventory path.
terraform import vsphere_entity_permissions.shared Folder:group-v22
terraform import vsphere_entity_permissions.shared /dc1/vm/shared
