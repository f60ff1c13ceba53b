resource "vsphere_license" "l" {
  license_key = "0A0A0-11111-22222-33333-44444"

  labels = {
    VpxClientLicenseLabel = "production"
    owner                 = "team-a"
  }
}

resource "vsphere_license" "plain" {
  license_key = "0A0A0-11111-22222-33333-55555"
}

data "vsphere_license" "l" {
  license_key = vsphere_license.l.license_key

  lifecycle {
    postcondition {
      condition     = self.id == self.license_key && self.total == 16 && self.edition_key == vsphere_license.l.edition_key
      error_message = "the license differs"
    }
  }
}
