data "vsphere_custom_attribute" "rack" {
  name = "rck"
}
