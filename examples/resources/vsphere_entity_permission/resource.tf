data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_role" "read_only" {
  label = "Read-only"
}

resource "vsphere_folder" "web" {
  path          = "web"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_role" "operator" {
  name            = "web-operator"
  role_privileges = ["VirtualMachine.Interact.PowerOff", "VirtualMachine.Interact.PowerOn"]
}

# The web team has the role on its folder and all objects below it.
resource "vsphere_entity_permission" "web_folder" {
  entity_id     = vsphere_folder.web.id
  user_or_group = "team-web@vsphere.local"
  is_group      = true
  role_id       = vsphere_role.operator.id
}

# Monitoring can read the root folder of vCenter, but no objects below it.
resource "vsphere_entity_permission" "monitoring" {
  entity_id     = "root"
  user_or_group = "monitoring@vsphere.local"
  role_id       = data.vsphere_role.read_only.id
  propagate     = false
}
