# A proxy whose backend is away.
provider "vsphere" {
  vsphere_server       = "{{bad_gateway}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
