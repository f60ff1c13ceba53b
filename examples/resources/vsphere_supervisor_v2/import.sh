# By ID or name.
terraform import vsphere_supervisor_v2.c1 c1
