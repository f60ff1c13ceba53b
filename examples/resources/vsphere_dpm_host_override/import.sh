# By the inventory paths of the cluster and the host.
terraform import vsphere_dpm_host_override.esx1 '{"compute_cluster_path": "/dc1/host/c1", "host_path": "/dc1/host/c1/esx1.example.com"}'
