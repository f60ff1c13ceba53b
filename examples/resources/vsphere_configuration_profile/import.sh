# By the inventory path of the cluster.
terraform import vsphere_configuration_profile.az1 /dc1/host/az1

# By the managed object ID of the cluster.
terraform import vsphere_configuration_profile.az1 domain-c8
