# By the managed object IDs of the vApp and its member.
terraform import vsphere_vapp_entity.web resgroup-v8:resgroup-v10
