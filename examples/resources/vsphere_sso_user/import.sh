# By name and domain. The first apply after the import sets the configured password.
terraform import vsphere_sso_user.infra infra-cluster1@vsphere.local
