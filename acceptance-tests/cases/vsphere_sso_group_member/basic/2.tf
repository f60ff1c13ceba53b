resource "vsphere_sso_group_member" "ann" {
  group = "team"
  name  = "ann"
}

resource "vsphere_sso_group_member" "carl" {
  group  = "team"
  name   = "carl"
  domain = "corp.example"
}
