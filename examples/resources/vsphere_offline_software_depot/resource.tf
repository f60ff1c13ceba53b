resource "vsphere_offline_software_depot" "esxi" {
  location = "https://files.example.com/VMware-ESXi-8.0U3-24022510-depot.zip"
}

# The versions of each component, by its key.
output "components" {
  value = { for c in vsphere_offline_software_depot.esxi.component : c.key => c.version }
}
