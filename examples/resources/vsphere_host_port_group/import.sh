# By the inventory path of the host and the name of the port group.
terraform import vsphere_host_port_group.firewalls /dc1/host/c1/esx1.example.com:firewalls

# By the ID, which contains the managed object ID of the host.
terraform import vsphere_host_port_group.firewalls tf-HostPortGroup:host-42:firewalls
