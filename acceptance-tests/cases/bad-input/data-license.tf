data "vsphere_license" "unknown" {
  license_key = "0A0A0-11111-22222-33333-44444"
}
