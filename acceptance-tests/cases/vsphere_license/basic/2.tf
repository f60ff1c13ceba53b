resource "vsphere_license" "l" {
  license_key = "0A0A0-11111-22222-33333-44444"

  labels = {
    VpxClientLicenseLabel = "test"
  }
}

resource "vsphere_license" "plain" {
  license_key = "0A0A0-11111-22222-33333-55555"
  labels      = { owner = "team-b" }
}
