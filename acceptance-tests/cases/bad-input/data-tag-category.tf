# A category that there is not.
data "vsphere_tag_category" "d" {
  name = "bench"
}
