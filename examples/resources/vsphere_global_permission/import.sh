# By principal. Append ":group" for a group if a user has the same name.
terraform import vsphere_global_permission.auditors 'auditors@vsphere.local:group'
