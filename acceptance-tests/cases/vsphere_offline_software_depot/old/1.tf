resource "vsphere_offline_software_depot" "d" {
  location = "https://files.example.com/esxi-8.0.2-depot.zip"
}
