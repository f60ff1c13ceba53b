terraform import vsphere_compute_policy.az1 az1
