# The name, or the ID.
terraform import vsphere_content_library.images images
