# All privileges of this vCenter.
data "vsphere_privileges" "all" {}

# The privileges of one group and the groups below it.
data "vsphere_privileges" "snapshots" {
  group = "VirtualMachine.State"
}

# The privileges whose ID contains "Tagging".
data "vsphere_privileges" "tagging" {
  name_regex = "Tagging"
}

output "snapshots" {
  value = { for p in data.vsphere_privileges.snapshots.privileges : p.id => p.name }
}
