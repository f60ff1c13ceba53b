resource "vsphere_sso_user" "ann" {
  name          = "ann"
  password      = "Hunter2-first!"
  first_name    = "Ann"
  last_name     = "Lee"
  email_address = "ann@example.com"
  description   = "made by a test"
}

resource "vsphere_sso_user" "bob" {
  name     = "bob"
  domain   = "VSPHERE.LOCAL"
  password = "Hunter2-first!"
}

data "vsphere_sso_user" "ann" {
  name   = vsphere_sso_user.ann.name
  domain = vsphere_sso_user.ann.domain

  lifecycle {
    postcondition {
      condition     = self.id == vsphere_sso_user.ann.id && self.first_name == "Ann" && self.email_address == "ann@example.com"
      error_message = "the user differs"
    }
  }
}
