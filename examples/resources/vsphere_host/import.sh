# By inventory path or managed object ID.
terraform import vsphere_host.esx1 /dc1/host/c1/esx1.example.com
