# By name.
terraform import vsphere_tag_category.team team
