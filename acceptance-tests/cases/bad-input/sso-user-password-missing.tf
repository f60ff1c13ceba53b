# No password
resource "vsphere_sso_user" "u" {
  name = "carl"
}
