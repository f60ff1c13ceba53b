resource "vsphere_sso_user" "u" {
  name     = "faults"
  password = "Hunter2-first!"
}
resource "vsphere_sso_group" "g" {
  name = "faults-team"
  member_user {
    name   = vsphere_sso_user.u.name
    domain = "vsphere.local"
  }
}
