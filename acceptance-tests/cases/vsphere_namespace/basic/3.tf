resource "vsphere_namespace" "plain" {
  name = "plain-2"
}
