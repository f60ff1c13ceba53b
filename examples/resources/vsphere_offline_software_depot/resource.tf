resource "vsphere_offline_software_depot" "esxi" {
  location = "https://files.example.com/VMware-ESXi-8.0U3-24022510-depot.zip"
}

# A map from component keys to versions.
output "components" {
  value = { for c in vsphere_offline_software_depot.esxi.component : c.key => c.version }
}
