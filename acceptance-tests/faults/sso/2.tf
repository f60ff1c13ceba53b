resource "vsphere_sso_user" "u" {
  name        = "faults"
  password    = "Hunter2-second!"
  description = "changed"
}
resource "vsphere_sso_group" "g" {
  name        = "faults-team"
  description = "changed"
  member_user {
    name   = "Administrator"
    domain = "vsphere.local"
  }
}
