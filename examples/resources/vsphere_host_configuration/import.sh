# By the inventory path of the host, or by its managed object ID.
terraform import vsphere_host_configuration.esx1 /dc1/host/c1/esx1.example.com
