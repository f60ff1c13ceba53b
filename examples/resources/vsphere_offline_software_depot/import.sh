# By location.
terraform import vsphere_offline_software_depot.esxi https://files.example.com/VMware-ESXi-8.0U3-24022510-depot.zip

# By the ID of the depot, as listed by `govc vlcm.depot.offline.ls`.
terraform import vsphere_offline_software_depot.esxi 4711
