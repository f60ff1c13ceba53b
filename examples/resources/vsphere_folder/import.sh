# By inventory path: the datacenter, the root folder (vm, host, datastore or network), then the folder's own path.
terraform import vsphere_folder.web_production /dc1/vm/web/production
