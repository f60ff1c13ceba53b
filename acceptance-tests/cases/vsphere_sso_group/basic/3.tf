resource "vsphere_sso_group" "inner" {
  name = "inner"
}

resource "vsphere_sso_group" "team" {
  name = "team"
}
