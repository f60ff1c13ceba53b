resource "vsphere_sso_group" "inner" {
  name = "inner"
}

resource "vsphere_sso_group" "team" {
  name        = "team"
  description = "the team"

  member_user {
    name   = "ann"
    domain = "vsphere.local"
  }
}
