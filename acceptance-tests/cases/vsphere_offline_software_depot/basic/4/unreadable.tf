resource "vsphere_offline_software_depot" "unreadable" {
  location = "nfs://files.example.com/drivers.zip"
}
