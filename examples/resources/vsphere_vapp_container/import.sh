# By inventory path.
terraform import vsphere_vapp_container.shop /dc1/host/c1/Resources/shop
