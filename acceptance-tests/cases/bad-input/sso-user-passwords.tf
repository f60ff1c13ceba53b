# Two passwords, and a name that is blank
resource "vsphere_sso_user" "u" {
  name        = " "
  password    = "Hunter2-good!"
  password_wo = "Hunter2-good!"
}
