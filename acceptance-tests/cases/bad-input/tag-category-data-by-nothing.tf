# A category by nothing
data "vsphere_tag_category" "c" {}
