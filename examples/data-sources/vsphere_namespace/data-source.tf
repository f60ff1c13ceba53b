data "vsphere_namespace" "platform" {
  name = "platform"
}
