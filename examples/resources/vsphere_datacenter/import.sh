# By inventory path.
terraform import vsphere_datacenter.dc1 /berlin/dc1
