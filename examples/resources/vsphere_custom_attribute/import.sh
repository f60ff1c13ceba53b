# By name.
terraform import vsphere_custom_attribute.cost_center cost-center
