resource "vsphere_offline_software_depot" "taken" {
  location   = "https://files.example.com/drivers.zip"
  depends_on = [vsphere_offline_software_depot.by_location]
}
