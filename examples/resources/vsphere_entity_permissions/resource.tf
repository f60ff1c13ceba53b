data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_role" "read_only" {
  label = "Read-only"
}

resource "vsphere_folder" "shared" {
  path          = "shared"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_role" "operator" {
  name            = "shared-operator"
  role_privileges = ["VirtualMachine.Interact.PowerOff", "VirtualMachine.Interact.PowerOn"]
}

# The permissions of both teams on the folder that they share. Undeclared permissions on the folder are kept.
resource "vsphere_entity_permissions" "shared" {
  entity_id   = vsphere_folder.shared.id
  entity_type = "Folder"

  permissions {
    user_or_group = "vsphere.local\\team-web"
    is_group      = true
    propagate     = true
    role_id       = vsphere_role.operator.id
  }

  permissions {
    user_or_group = "vsphere.local\\team-data"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.read_only.id
  }
}
