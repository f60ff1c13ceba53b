# The name and the domain.
terraform import vsphere_sso_group.operators operators@vsphere.local
