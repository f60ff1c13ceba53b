# No name
resource "vsphere_custom_attribute" "a" {
  name = ""
}
