resource "vsphere_license" "l" {
  license_key = "0A0A0-11111-22222-33333-66666"
}

resource "vsphere_license" "plain" {
  license_key = "0A0A0-11111-22222-33333-55555"
}
