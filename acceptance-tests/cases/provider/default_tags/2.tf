provider "vsphere" {
  default_tags = { environment = "staging" }
}
