# By the ID, which contains the UUID of the switch.
terraform import vsphere_distributed_virtual_switch_pvlan_mapping.isolated 'dvswitch-UUID-mapping-100-101-isolated'
