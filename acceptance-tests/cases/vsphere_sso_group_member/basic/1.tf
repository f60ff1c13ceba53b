resource "vsphere_sso_group_member" "ann" {
  group = "team"
  name  = "ann"
}

resource "vsphere_sso_group_member" "carl" {
  group  = "team"
  name   = "carl"
  domain = "corp.example"
}

resource "vsphere_sso_group_member" "users" {
  group    = "Team"
  name     = "Users"
  domain   = "vsphere.local"
  is_group = true
}
