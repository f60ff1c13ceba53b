# By name or ID.
terraform import vsphere_content_library.images images
