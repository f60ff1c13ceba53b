# command: apply
# Members that do not exist
resource "vsphere_sso_group" "g" {
  name = "team"
  member_user {
    name   = "Administrator"
    domain = "vsphere.local"
  }
  member_user {
    name   = "nil"
    domain = "corp.example"
  }
}
