# By ID or by name. The first apply after the import may add `privilege_groups` to the state.
terraform import vsphere_role.operator 1105614310
terraform import vsphere_role.operator web-operator
