# A key that vCenter does not accept
# command: apply
resource "vsphere_license" "wrong" {
  license_key = "12345"
}
