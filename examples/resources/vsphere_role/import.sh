# By the role's id; predefined roles have negative ones.
terraform import vsphere_role.operator 1105614310
