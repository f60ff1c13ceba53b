# By the inventory path of the datacenter, followed by the datastore and path of the image.
terraform import vsphere_cloud_init_iso.web "/dc1/[ssd1] cloud-init/web.iso"
