# All privileges of this vCenter.
data "vsphere_privileges" "all" {}

# Those of one group and the groups below it.
data "vsphere_privileges" "snapshots" {
  group = "VirtualMachine.State"
}

# Those whose id matches.
data "vsphere_privileges" "tagging" {
  name_regex = "Tagging"
}

output "snapshots" {
  value = { for p in data.vsphere_privileges.snapshots.privileges : p.id => p.name }
}
