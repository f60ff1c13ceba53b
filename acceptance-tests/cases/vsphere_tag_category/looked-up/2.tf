data "vsphere_tag_category" "c" {
  name = "benhc"
}
