# The web team can power its virtual machines on and off, open the console and take snapshots.
resource "vsphere_role" "operator" {
  name = "web-operator"

  role_privileges = [
    "VirtualMachine.Interact.ConsoleInteract",
    "VirtualMachine.Interact.PowerOff",
    "VirtualMachine.Interact.PowerOn",
    "VirtualMachine.Interact.Reset",
  ]

  # All privileges of a group.
  privilege_groups = ["VirtualMachine.State"]
}

# A role from a product's documentation. A newer version of vCenter may not have all of its privileges.
resource "vsphere_role" "kkp_folder" {
  name                      = "k8c-user-folder-propagate"
  role_privileges           = provider::vsphere::role_preset("kkp-001", "k8c-user-folder-propagate").privileges
  ignore_unknown_privileges = true
}
