# By the ID of the tag, and the type and managed object ID of the object.
terraform import vsphere_tag_attachment.az1 'urn:vmomi:InventoryServiceTag:5b1b5f5e-6f2a-4c51-9a43-7f6f0f8f8f10:GLOBAL:ClusterComputeResource:domain-c8'
