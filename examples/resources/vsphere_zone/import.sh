# By name.
terraform import vsphere_zone.a zone-a
