# A user that does not exist
data "vsphere_sso_user" "u" {
  name = "nil"
}
