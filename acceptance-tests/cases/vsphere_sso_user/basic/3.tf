resource "vsphere_sso_user" "ann" {
  name       = "ann"
  password   = "Hunter2-second!"
  first_name = "Anna"
  last_name  = "Lee"
}

resource "vsphere_sso_user" "bob" {
  name     = "bob2"
  password = "Hunter2-first!"
}
