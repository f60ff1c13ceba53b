# A user of a domain that is not the local one
resource "vsphere_sso_user" "u" {
  name     = "carl"
  domain   = "corp.example"
  password = "Hunter2-good!"
}
