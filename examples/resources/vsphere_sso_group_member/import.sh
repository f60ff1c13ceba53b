# By group and member, followed by `:group` if the member is a group.
terraform import vsphere_sso_group_member.monitoring ReadOnlyUsers:monitoring@vsphere.local
