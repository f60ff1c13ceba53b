resource "vsphere_offline_software_depot" "d" {
  location = "https://files.example.com/esxi-8.0.2-depot.zip"
}

data "vsphere_host_base_images" "all" {
  lifecycle {
    postcondition {
      condition     = self.version == tolist(["0.0.1"]) && self.id == "0.0.1"
      error_message = "the versions differ"
    }
  }
}
