# By name and domain.
terraform import vsphere_sso_group.operators operators@vsphere.local
