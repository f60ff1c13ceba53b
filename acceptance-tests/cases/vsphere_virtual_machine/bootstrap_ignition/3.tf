resource "vsphere_virtual_machine" "vm" {
  ignition {
    config_wo         = "{\"ignition\":{\"version\":\"3.6.0\"}}"
    config_wo_version = 1
    encoding          = "base64"
  }
}
