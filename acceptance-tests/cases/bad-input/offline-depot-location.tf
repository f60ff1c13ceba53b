# A depot without a location.
resource "vsphere_offline_software_depot" "d" {
  location = ""
}
