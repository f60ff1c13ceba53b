data "vsphere_privileges" "all" {}

# The snapshot privileges that this vCenter knows, without the one that deletes.
resource "vsphere_role" "snapshots" {
  name = "snapshot-keeper"
  role_privileges = setsubtract(
    provider::vsphere::expand_privileges(["VirtualMachine.State.*"], data.vsphere_privileges.all.ids),
    ["VirtualMachine.State.RemoveSnapshot"],
  )
}
