resource "vsphere_sso_group" "inner" {
  name = "inner"
}

resource "vsphere_sso_group" "team" {
  name = "team"

  member_user {
    name   = "bob"
    domain = "vsphere.local"
  }
  member_user {
    name   = "carl"
    domain = "corp.example"
  }
}
