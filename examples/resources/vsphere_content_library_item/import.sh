# By ID.
terraform import vsphere_content_library_item.web 7d6e0e8a-8b0c-4d0e-9f0a-2b1c3d4e5f60
