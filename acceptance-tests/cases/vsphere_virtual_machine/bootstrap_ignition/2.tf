resource "vsphere_virtual_machine" "vm" {
  ignition {
    config   = "{\"ignition\":{\"version\":\"3.5.0\"}}"
    encoding = "base64"
  }
}
