# The group and the member, with `:group` behind it for a group.
terraform import vsphere_sso_group_member.monitoring ReadOnlyUsers:monitoring@vsphere.local
