provider "vsphere" {
  default_tags = null
}
