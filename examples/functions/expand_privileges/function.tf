data "vsphere_privileges" "all" {}

# The snapshot privileges of this vCenter, except the one for removing snapshots.
resource "vsphere_role" "snapshots" {
  name = "snapshot-keeper"
  role_privileges = setsubtract(
    provider::vsphere::expand_privileges(["VirtualMachine.State.*"], data.vsphere_privileges.all.ids),
    ["VirtualMachine.State.RemoveSnapshot"],
  )
}
