terraform import vsphere_ip_pool.web /dc1:web
