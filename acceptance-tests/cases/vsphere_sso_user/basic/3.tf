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

provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

# A user that was made before.
provider "vsphere" {
  alias                = "made"
  vsphere_server       = "{{server}}"
  user                 = "ann@vsphere.local"
  password             = "Hunter2-second!"
  allow_unverified_ssl = true
}

data "vsphere_about" "made" {
  provider = vsphere.made
}
