data "vsphere_privileges" "all" {}

# All snapshot privileges, except the privilege to remove snapshots.
resource "vsphere_role" "snapshots" {
  name = "snapshot-keeper"
  role_privileges = setsubtract(
    provider::vsphere::expand_privileges(["VirtualMachine.State.*"], data.vsphere_privileges.all.ids),
    ["VirtualMachine.State.RemoveSnapshot"],
  )
}
