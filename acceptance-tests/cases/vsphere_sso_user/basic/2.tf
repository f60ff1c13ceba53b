resource "vsphere_sso_user" "ann" {
  name       = "Ann"
  password   = "Hunter2-second!"
  first_name = "Anna"
  last_name  = "Lee"
}

resource "vsphere_sso_user" "bob" {
  name     = "bob"
  domain   = "vsphere.local"
  password = "Hunter2-first!"
}
