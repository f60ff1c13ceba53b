# Any label names can be used. The vSphere Client shows VpxClientLicenseLabel as the name of the license.
resource "vsphere_license" "production" {
  license_key = "452CQ-2EK54-K8742-00000-00000"

  labels = {
    VpxClientLicenseLabel = "production"
  }
}
