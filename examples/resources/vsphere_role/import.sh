# By the role's id, or by its name. The first plan afterwards may write `privilege_groups` into the state.
terraform import vsphere_role.operator 1105614310
terraform import vsphere_role.operator web-operator
