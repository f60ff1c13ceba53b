# A tag by nothing
data "vsphere_tag" "t" {}
