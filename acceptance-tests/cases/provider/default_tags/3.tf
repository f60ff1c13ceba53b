provider "vsphere" {
  default_tags = { environment = "testing" }
}
resource "vsphere_folder" "untagged" {
  path = "renamed"
}
