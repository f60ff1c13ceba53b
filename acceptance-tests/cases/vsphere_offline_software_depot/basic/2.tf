resource "vsphere_offline_software_depot" "d" {
  location = "https://files.example.com/esxi-8.0.3-depot.zip"

  timeouts {
    create = "20m"
  }
}

resource "vsphere_offline_software_depot" "by_location" {
  location = "https://files.example.com/drivers.zip"
}

output "versions" {
  value = vsphere_offline_software_depot.d.component[1].version
}
