# The name and the domain. The next apply sets the password of the configuration.
terraform import vsphere_sso_user.infra infra-cluster1@vsphere.local
