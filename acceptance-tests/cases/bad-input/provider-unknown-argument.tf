# A misspelled argument.
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
  pasword              = "x"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
