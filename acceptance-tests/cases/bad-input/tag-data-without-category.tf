# A tag by its name alone
data "vsphere_tag" "t" {
  name = "production"
}
