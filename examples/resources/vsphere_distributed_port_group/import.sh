# By the inventory path.
terraform import 'vsphere_distributed_port_group.vlan["db"]' /dc1/network/db
